"""How well a linear model reads a factor from vectors: what an encoder keeps of it, in a form easy to use."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.audit.factors.factor import Factor
from guyot.seeds import generator
from guyot.stats import Interval, percentile_interval, resampled_counts

FOLDS = 5
RIDGE = 0.1  # of the mean eigenvalue
BALANCED_ACCURACY, R_SQUARED = "balanced accuracy", "R2"


@dataclass(frozen=True)
class Decodability:
    """How well one factor is read.

    measure : BALANCED_ACCURACY, the mean over levels of the share that is read rightly; R_SQUARED of numbers
    score : with a 95% interval, by a bootstrap over groups
    chance : 1 / levels, or 0 of R_SQUARED
    control : the score of the same documents with levels permuted among them
    levels : that are told apart; of numbers the distinct values
    """

    name: str
    measure: str
    score: Interval
    chance: float
    control: float
    levels: int


def decodability(
    vectors: NDArray[np.float32],
    factors: Sequence[Factor],
    group: NDArray[np.int64],
    *,
    seed: int,
    draws: int,
) -> list[Decodability]:
    """Read each factor with ridge regression, from groups of documents that it was not fitted to.

    Parameters
    ----------
    vectors : float32[n, d]
    factors : of the same documents; numbers of many values are regressed, all others are told apart
    group : int64[n], documents that are copies of one another have one; folds hold whole groups
    seed : of folds, permutations and the bootstrap
    draws : of the bootstrap

    Returns
    -------
    A result for each factor of which at least two levels are had by FOLDS groups each, in their order

    Notes
    -----
    O(n d^2 + FOLDS d^3), and n d memory in float64. Each level has a regression against all others (least
    squares); the largest response over the level's share is chosen, so that rare levels are chosen too.

    Examples
    --------
    >>> from guyot.audit.factors.factor import factor_of
    >>> points = np.repeat(np.eye(2, dtype=np.float32), 20, axis=0)
    >>> shape = factor_of("shape", ["cone"] * 20 + ["cube"] * 20)
    >>> decodability(points, [shape], np.arange(40), seed=0, draws=10)[0].score.value
    1.0
    """
    found: dict[int, Decodability] = {}
    targets = {i: _Target.of(factor, group) for i, factor in enumerate(factors)}
    masks: dict[bytes, list[int]] = {}
    for i, target in targets.items():
        if target is not None:
            masks.setdefault(target.known.tobytes(), []).append(i)
    for numbers in masks.values():
        wanted = [target for i in numbers if (target := targets[i]) is not None]
        known = wanted[0].known
        read = _read(vectors[known], wanted, group[known], seed, draws)
        found |= dict(zip(numbers, read, strict=True))
    return [found[i] for i in sorted(found)]


@dataclass(frozen=True)
class _Target:
    """What is read of a factor of m documents: float64[m, k] of 0 and 1 for k levels, or float64[m, 1]."""

    name: str
    known: NDArray[np.bool_]
    values: NDArray[np.float64]
    is_number: bool
    levels: int

    @classmethod
    def of(cls, factor: Factor, group: NDArray[np.int64]) -> "_Target | None":
        """Return the target of a factor; None where there is too little to tell apart."""
        known = factor.level >= 0
        if factor.is_continuous and factor.numbers is not None:
            if len(np.unique(group[known])) < 2 * FOLDS:
                return None
            numbers = factor.numbers[factor.level[known]]
            return cls(factor.name, known, numbers[:, None], True, len(factor.levels))
        pairs = np.unique(np.stack([factor.level[known].astype(np.int64), group[known]]), axis=1)
        groups_of = np.bincount(pairs[0], minlength=len(factor.levels))
        frequent = np.flatnonzero(groups_of >= FOLDS)
        if len(frequent) < 2:
            return None
        known &= np.isin(factor.level, frequent)
        values = (factor.level[known][:, None] == frequent).astype(np.float64)
        return cls(factor.name, known, values, False, len(frequent))


def _read(
    vectors: NDArray[np.float32], targets: Sequence[_Target], group: NDArray[np.int64], seed: int, draws: int
) -> list[Decodability]:
    """Read targets of the same documents, and of the same with levels permuted."""
    _, number = np.unique(group, return_inverse=True)
    n_groups = int(number.max()) + 1
    fold = (generator(seed, "folds").permutation(n_groups) % FOLDS)[number]
    shuffled = generator(seed, "permuted").permutation(len(number))
    values = [of for target in targets for of in (target.values, target.values[shuffled])]
    predicted = _out_of_fold(vectors, np.concatenate(values, axis=1), fold)
    counts = resampled_counts(n_groups, draws, generator(seed, "decodability"))
    found: list[Decodability] = []
    begin = 0
    for target in targets:
        scores: list[tuple[float, NDArray[np.float64]]] = []
        for truth in (target.values, target.values[shuffled]):
            answer = predicted[:, begin : begin + truth.shape[1]]
            begin += truth.shape[1]
            sums = _number_sums(answer, truth) if target.is_number else _level_sums(answer, truth, fold)
            by_group = np.zeros((n_groups, sums.shape[1]))
            np.add.at(by_group, number, sums)
            scored = _r_squared if target.is_number else _balanced_accuracy
            scores.append((float(scored(by_group.sum(axis=0)[None])[0]),
                           np.concatenate([scored(block @ by_group) for block in counts])))  # fmt: skip
        (score, drawn), (control, _) = scores
        measure, chance = (R_SQUARED, 0.0) if target.is_number else (BALANCED_ACCURACY, 1 / target.levels)
        interval = percentile_interval(score, drawn, len(number))
        found.append(Decodability(target.name, measure, interval, chance, control, target.levels))
    return found


def _out_of_fold(
    vectors: NDArray[np.float32], targets: NDArray[np.float64], fold: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Predict each fold by ridge regression on the others: float64[n, t]; penalties leave the mean alone."""
    x = vectors.astype(np.float64)
    x -= x.mean(axis=0)
    gram, cross = x.T @ x, x.T @ targets
    predicted = np.empty_like(targets)
    for number in range(FOLDS):
        test = fold == number
        n = int((~test).sum())
        own, of = x[test], targets[test]
        mean, level = -own.sum(axis=0) / n, (targets.sum(axis=0) - of.sum(axis=0)) / n
        within = gram - own.T @ own - n * np.outer(mean, mean)
        toward = cross - own.T @ of - n * np.outer(mean, level)
        within[np.diag_indices(len(within))] += RIDGE * max(np.trace(within) / len(within), 1e-12)
        predicted[test] = level + (own - mean) @ np.linalg.solve(within, toward)
    return predicted


def _level_sums(
    answer: NDArray[np.float64], truth: NDArray[np.float64], fold: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return of each document the levels that are read rightly, then those that it has: float64[n, 2 k]."""
    of_fold = np.stack([truth[fold != number].mean(axis=0) for number in range(FOLDS)])
    chosen = np.argmax(answer / np.maximum(of_fold[fold], 1e-12), axis=1)
    is_right = truth[np.arange(len(truth)), chosen]
    return np.concatenate([truth * is_right[:, None], truth], axis=1)


def _balanced_accuracy(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over levels of the share that is right: float64[b]; absent levels do not count."""
    right, all_ = np.split(sums, 2, axis=1)
    share = np.divide(right, all_, out=np.zeros_like(right), where=all_ > 0)
    return share.sum(axis=1) / np.maximum(1, (all_ > 0).sum(axis=1))


def _number_sums(answer: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return of each document what R2 is made of: squared error, 1, the value less the mean, its square."""
    away = truth - truth.mean()
    return np.concatenate([(truth - answer) ** 2, np.ones_like(truth), away, away**2], axis=1)


def _r_squared(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 - squared error over the variance: float64[b]; 0 where there is none."""
    error, n, away, squared = sums.T
    spread = squared - away**2 / np.maximum(1, n)
    return 1 - np.divide(error, spread, out=np.ones_like(error), where=spread > 1e-12)

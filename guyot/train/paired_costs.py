"""Costs of held-out documents by several seeds of a recipe, and how two recipes differ, pair by pair.

Two runs of one seed begin with the same weights and read what their mixtures share in the same order, and
both are measured on the same documents. So what is compared are differences, of which the luck of a seed
and the difficulty of a document are no part.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError, EvaluationError
from guyot.seeds import generator
from guyot.stats import Interval, percentile_interval, resampled_counts

BETTER, WORSE, NOT_SHOWN = "better", "worse", "no difference shown"
_CONFIDENCE, _POWER = 0.95, 0.8


@dataclass(frozen=True)
class PairedCosts:
    """What the models of a recipe's seeds pay for groups of held-out documents.

    seeds : int64[s], each once, ascending
    nats : float64[s, g], negative log-likelihood of each group's documents
    scored_bytes : int64[g], the bytes that were scored, 1 or more
    """

    seeds: NDArray[np.int64]
    nats: NDArray[np.float64]
    scored_bytes: NDArray[np.int64]

    def bits_per_byte(self) -> NDArray[np.float64]:
        """Return each seed's bits per byte: float64[s]."""
        return self.nats.sum(axis=1) / self.scored_bytes.sum() / math.log(2)


def grouped(
    seeds: NDArray[np.int64],
    nats: NDArray[np.float64],
    scored_bytes: NDArray[np.int64],
    group: NDArray[np.int64],
) -> PairedCosts:
    """Add documents up by group.

    Parameters
    ----------
    seeds : int64[s], each once, ascending
    nats : float64[s, n], finite and not negative
    scored_bytes : int64[n], 1 or more
    group : int64[n], the number of each document's group, such as its package

    Raises
    ------
    ArrayError : shapes that do not fit, or seeds that are not ascending.
    EvaluationError : no documents, a document of no bytes, or nats that are no cost.

    Examples
    --------
    >>> found = grouped(np.array([0]), np.array([[1.0, 2.0, 4.0]]), np.array([1, 1, 2]), np.array([5, 5, 9]))
    >>> found.nats.tolist(), found.scored_bytes.tolist()
    ([[3.0, 4.0]], [2, 2])
    """
    if nats.shape != (len(seeds), len(scored_bytes)) or scored_bytes.shape != group.shape:
        raise ArrayError(
            f"nats{list(nats.shape)} need a row for each of {len(seeds)} seeds, and a column for each of "
            f"{len(scored_bytes)} documents with bytes and {len(group)} with a group"
        )
    if (np.diff(seeds) <= 0).any():
        raise ArrayError(f"seeds {seeds.tolist()} are not ascending; sort the runs by seed, one for each")
    if not nats.size or not (np.isfinite(nats) & (nats >= 0)).all() or (scored_bytes < 1).any():
        raise EvaluationError(
            f"{len(seeds)} runs of {len(scored_bytes)} documents have no cost for all: each needs nats from "
            "0 up, finite, over 1 byte or more; look for a diverged training"
        )
    _, which = np.unique(group, return_inverse=True)
    n_groups = int(which.max()) + 1
    sums = np.stack([np.bincount(which, row, n_groups).astype(np.float64) for row in nats])
    return PairedCosts(seeds, sums, np.bincount(which, scored_bytes, n_groups).astype(np.int64))


def mean_cost(costs: PairedCosts, *, draws: int, seed: int) -> Interval:
    """Return the mean of the seeds' bits per byte, with an interval over seeds and groups.

    Parameters
    ----------
    draws : bootstrap draws, 1 or more
    seed : of the draws

    Returns
    -------
    Interval; n is the number of groups

    Notes
    -----
    O(draws x groups). A draw takes seeds with replacement and, apart from that, groups with replacement:
    the two-way bootstrap (Owen 2007), which is somewhat wide where both vary. With one seed the interval says
    nothing of seeds, with one group nothing of groups.

    Examples
    --------
    >>> costs = PairedCosts(np.array([0, 1]), np.array([[2.0], [4.0]]) * math.log(2), np.array([2]))
    >>> mean_cost(costs, draws=50, seed=0)
    Interval(value=1.5, low=1.0, high=2.0, n=1)
    """
    return _interval(costs.nats, costs.scored_bytes, draws, seed)


def difference(costs: PairedCosts, baseline: PairedCosts, *, draws: int, seed: int) -> Interval:
    """Return how many bits per byte a recipe costs more than a baseline, over the seeds that both have.

    Parameters
    ----------
    costs, baseline : of the same groups
    draws, seed : as for `mean_cost`

    Returns
    -------
    Interval; below zero the recipe is better; n is the number of groups

    Raises
    ------
    ArrayError : other groups.
    EvaluationError : no seed in common.

    Examples
    --------
    >>> one = PairedCosts(np.array([0, 1]), np.array([[2.0], [4.0]]) * math.log(2), np.array([2]))
    >>> other = PairedCosts(np.array([1, 2]), np.array([[6.0], [9.0]]) * math.log(2), np.array([2]))
    >>> round(difference(one, other, draws=9, seed=0).value, 9)
    -1.0
    """
    return _interval(_of_pairs(costs, baseline), costs.scored_bytes, draws, seed)


def seed_differences(costs: PairedCosts, baseline: PairedCosts) -> NDArray[np.float64]:
    """Return the difference in bits per byte of each seed that both have: float64[p].

    Raises
    ------
    As `difference`.
    """
    return _of_pairs(costs, baseline).sum(axis=1) / costs.scored_bytes.sum() / math.log(2)


def verdict(found: Interval) -> str:
    """Say what an interval of a difference shows.

    Examples
    --------
    >>> verdict(Interval(-0.2, -0.3, -0.1, 9)), verdict(Interval(-0.1, -0.3, 0.1, 9))
    ('better', 'no difference shown')
    """
    if found.high < 0:
        return BETTER
    return WORSE if found.low > 0 else NOT_SHOWN


def seeds_needed(differences: NDArray[np.float64], resolution: float) -> int | None:
    """Estimate how many paired seeds would show a difference of a given size.

    Parameters
    ----------
    differences : float64[p], of the seeds so far, see `seed_differences`
    resolution : the true difference that is to be shown, in bits per byte, above 0

    Returns
    -------
    The seeds for a power of 0.8 in a two-sided paired test at 0.05, at least 2; None with fewer than two
    differences, of which no spread can be told.

    Notes
    -----
    The normal formula with Guenther's correction for the t distribution (Guenther 1981). The spread of a few
    seeds is itself uncertain: by a factor of two either way with five. Of groups it says nothing.

    Examples
    --------
    >>> seeds_needed(np.array([0.0, 0.02]), 0.02), seeds_needed(np.array([0.1]), 0.02)
    (6, None)
    """
    if resolution <= 0:
        raise ArrayError(f"a difference of {resolution} bits per byte cannot be shown; give one above 0")
    if len(differences) < 2:
        return None
    one_sided, power = NormalDist().inv_cdf((1 + _CONFIDENCE) / 2), NormalDist().inv_cdf(_POWER)
    ratio = float(np.std(differences, ddof=1)) / resolution
    return max(2, math.ceil(((one_sided + power) * ratio) ** 2 + one_sided**2 / 2))


def _of_pairs(costs: PairedCosts, baseline: PairedCosts) -> NDArray[np.float64]:
    """Subtract the baseline's nats, seed by seed: float64[p, g]."""
    if not np.array_equal(costs.scored_bytes, baseline.scored_bytes):
        raise ArrayError(
            f"{len(costs.scored_bytes)} groups of {costs.scored_bytes.sum():,} bytes are compared with "
            f"{len(baseline.scored_bytes)} of {baseline.scored_bytes.sum():,}; evaluate both on the same "
            "held-out documents"
        )
    shared, one, other = np.intersect1d(costs.seeds, baseline.seeds, return_indices=True)
    if not len(shared):
        raise EvaluationError(
            f"seeds {costs.seeds.tolist()} and {baseline.seeds.tolist()} have none in common; train both "
            "recipes with the same seeds"
        )
    return costs.nats[one] - baseline.nats[other]


def _interval(nats: NDArray[np.float64], scored_bytes: NDArray[np.int64], draws: int, seed: int) -> Interval:
    """Bootstrap the mean over rows of nats by bytes, in bits, over rows and columns."""
    if draws < 1:
        raise EvaluationError(f"an interval by {draws} draws was asked for; at least 1 is needed")
    n_seeds, n_groups = nats.shape
    seed_counts = np.concatenate(resampled_counts(n_seeds, draws, generator(seed, "seeds")))
    group_counts = np.concatenate(resampled_counts(n_groups, draws, generator(seed, "groups")))
    drawn = ((seed_counts @ nats) * group_counts).sum(axis=1) / n_seeds
    ratios = drawn / (group_counts @ scored_bytes) / math.log(2)
    value = float(nats.mean(axis=0).sum() / scored_bytes.sum() / math.log(2))
    return percentile_interval(value, ratios, n_groups)

"""Data factors: which transformations explain how images of a class differ?

Bouchacourt, Ibrahim and Morcos 2021 (arXiv:2106.05121), section 3: of two images of a class one is
transformed, and it is seen whether that brings it nearer to the other. Where we differ: the best of all
strengths and ways of a transformation counts, not doing it at all among them; what it gains is given as a
share of the distance of the two; and there is a null. The best of several is never worse, and some, such as
blurring, bring any two images nearer. So the same search is made for pairs of images of *different* classes:
a transformation explains a class's variation as far as its share of the distance within is above that.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.stats import Interval, percentile_interval, resampled_counts, spearman

MIN_CLASSES, MIN_IMAGES = 2, 2


@dataclass(frozen=True)
class PairGains:
    """What transformations gain for every two images.

    names : of t transformations
    gain : float64[t, n, n], how much nearer in cosine the best copy of image j is to image i than j itself; 0
        where none is
    distance : float64[n, n], cosine distances
    label : int64[n], the class of each image
    """

    names: tuple[str, ...]
    gain: NDArray[np.float64]
    distance: NDArray[np.float64]
    label: NDArray[np.int64]


@dataclass(frozen=True)
class Factor:
    """What a transformation explains.

    within : share of the distance of two images of a class that it takes away
    between : the same of two images of different classes, the null
    explained : within - between, with its interval by a bootstrap over images
    boosted : share of the pairs within a class that it brings nearer at all
    """

    transformation: str
    within: float
    between: float
    explained: Interval
    boosted: float

    @property
    def is_shown(self) -> bool:
        """Whether the whole interval is above 0."""
        return self.explained.low > 0


@dataclass(frozen=True)
class Stability:
    """Whether a class has a ranking of its own.

    halves : mean Spearman correlation of the rankings by two halves of its images; nan for fewer than four
    others : mean Spearman correlation of its ranking with those of other classes
    """

    label: int
    halves: float
    others: float


def pair_gains(
    original: NDArray[np.floating],
    copies: Iterable[tuple[str, NDArray[np.floating]]],
    label: NDArray[np.integer],
) -> PairGains:
    """Search the best copy for every two images.

    Parameters
    ----------
    original : float[n, d], unit vectors of images
    copies : by transformation float[k, n, d], unit vectors: of each image k copies, of different strengths and ways
    label : int[n], the class of each image; two classes at least, of two images each

    Raises
    ------
    ArrayError : too few classes or images, or shapes that do not fit.

    Notes
    -----
    O(t k n^2 d).

    Examples
    --------
    >>> eye = np.eye(4)
    >>> found = pair_gains(eye, [("turn", eye[None, [1, 0, 3, 2]])], np.array([0, 0, 1, 1]))
    >>> found.gain[0].astype(int).tolist()
    [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    """
    sizes = np.unique(label, return_counts=True)[1]
    if len(sizes) < MIN_CLASSES or sizes.min() < MIN_IMAGES or len(label) != len(original):
        raise ArrayError(
            f"{len(original)} images in classes of {sizes.tolist()}; give {MIN_CLASSES} classes at least, of "
            f"{MIN_IMAGES} images or more each"
        )
    one = original.astype(np.float64)
    cosine = one @ one.T
    names: list[str] = []
    gains: list[NDArray[np.float64]] = []
    for name, found in copies:
        if found.shape[1:] != original.shape:
            raise ArrayError(f"copies of {name} are {list(found.shape)}, images {list(original.shape)}")
        names.append(name)
        best = np.max([one @ copy.astype(np.float64).T for copy in found], axis=0)
        gains.append(np.maximum(best - cosine, 0.0))
    gain = np.array(gains).reshape(len(names), *cosine.shape)
    gain[:, np.eye(len(one), dtype=np.bool_)] = 0
    return PairGains(tuple(names), gain, 1 - cosine, label.astype(np.int64))


def data_factors(
    pairs: PairGains, *, draws: int, stream: np.random.Generator, label: int | None = None
) -> list[Factor]:
    """Rank transformations by what they explain of the distances within classes, or within one.

    Parameters
    ----------
    draws : of the bootstrap, over images
    stream : draws them
    label : the class; none: all

    Returns
    -------
    One factor per transformation, those that explain most first.
    """
    within, between = _masks(pairs.label, label)
    n = len(pairs.label)
    drawn_counts = resampled_counts(n, draws, stream)
    counts = np.concatenate([np.ones((1, n)), *drawn_counts]).astype(np.float64)
    found: list[Factor] = []
    for name, gain in zip(pairs.names, pairs.gain, strict=True):
        shares = [_shares(gain, pairs.distance, mask, counts) for mask in (within, between)]
        drawn = shares[0] - shares[1]
        usable = drawn[1:][np.isfinite(drawn[1:])]  # a draw may hold no two images of a class
        explained = percentile_interval(float(drawn[0]), usable, int(within.any(axis=0).sum()))
        boosted = float((gain[within] > 0).mean())
        found.append(Factor(name, float(shares[0][0]), float(shares[1][0]), explained, boosted))
    return sorted(found, key=lambda factor: -factor.explained.value)


def stability(pairs: PairGains, *, splits: int, stream: np.random.Generator) -> list[Stability]:
    """Compare each class's ranking by halves of its images, and with the rankings of other classes.

    Parameters
    ----------
    splits : how often each class is split at random
    stream : draws the splits
    """
    classes = np.unique(pairs.label).tolist()
    n = len(pairs.label)
    whole = {one: _explained(pairs, *_masks(pairs.label, one), np.ones(n)) for one in classes}
    found: list[Stability] = []
    for one in classes:
        masks, members = _masks(pairs.label, one), np.flatnonzero(pairs.label == one)
        alike: list[float] = []
        for _ in range(splits if len(members) >= 2 * MIN_IMAGES else 0):
            order = stream.permutation(members)
            halves: list[NDArray[np.float64]] = []
            for left_out in (order[: len(order) // 2], order[len(order) // 2 :]):
                weight = np.ones(n)
                weight[left_out] = 0
                halves.append(_explained(pairs, *masks, weight))
            alike.append(spearman(*halves))
        others = [spearman(whole[one], whole[other]) for other in classes if other != one]
        found.append(Stability(one, _mean(alike), _mean(others)))
    return found


def _masks(label: NDArray[np.int64], one: int | None) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which pairs are within a class, and which between classes; of one class, if it is given."""
    same = label[:, None] == label
    of_class = np.ones(len(label), np.bool_) if one is None else label == one
    return same & of_class & ~np.eye(len(label), dtype=np.bool_), ~same & of_class


def _shares(
    gain: NDArray[np.float64],
    distance: NDArray[np.float64],
    mask: NDArray[np.bool_],
    counts: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the gained share of the distance of some pairs, for each row of weights of images."""
    gained, whole = (np.vecdot(counts @ (values * mask), counts) for values in (gain, distance))
    return np.divide(gained, whole, out=np.full(len(counts), np.nan), where=whole > 0)


def _explained(
    pairs: PairGains, within: NDArray[np.bool_], between: NDArray[np.bool_], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what each transformation explains, for weights of the images: float64[t]; nan becomes 0."""
    counts = weight[None]
    found = [
        _shares(gain, pairs.distance, within, counts) - _shares(gain, pairs.distance, between, counts)
        for gain in pairs.gain
    ]
    return np.nan_to_num(np.concatenate(found))


def _mean(values: list[float]) -> float:
    """Return the mean of those that are not nan; nan if there is none."""
    real = [value for value in values if not np.isnan(value)]
    return float(np.mean(real)) if real else float("nan")

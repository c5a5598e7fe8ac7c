"""Does an encoder feel corruptions? Do copies move away from centroids, and into smaller clusters?

That they do is the premise of SCIP, and a property of the encoder, not of the data alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.seeds import generator
from guyot.train.metric import HIGH_PERCENTILE, LOW_PERCENTILE, Interval

SENSITIVE_FROM = 0.6  # share of copies that move farther
_CHANCE = 0.5
_Z95 = 1.959963984540054
_BLOCK_VALUES = 1 << 20


@dataclass(frozen=True)
class Placed:
    """Where n documents lie.

    cluster : int32[n], nearest centroid
    distance : float32[n], cosine distance to it, 0-2
    """

    cluster: NDArray[np.int32]
    distance: NDArray[np.float32]


@dataclass(frozen=True)
class Copies:
    """Corrupted copies of some parents, at most one of each family and parent.

    parent : int64[m], the parent's row
    family : int64[m], the family's place in a list of them
    placed : where the m copies lie
    """

    parent: NDArray[np.int64]
    family: NDArray[np.int64]
    placed: Placed


@dataclass(frozen=True)
class Response:
    """How an encoder responds to one family.

    n : copies
    farther : share that lie farther from their centroid than their parent from its own
    smaller : share whose cluster has fewer documents than their parent's
    change : mean change of distance
    unmoved : share whose cluster and distance are their parent's: what was edited the encoder did not read
    is_sensitive : whether the encoder feels this family
    """

    family: str
    n: int
    farther: Interval
    smaller: Interval
    change: Interval
    unmoved: float
    is_sensitive: bool


def responses(
    parents: Placed,
    copies: Copies,
    sizes: NDArray[np.int64],
    families: Sequence[str],
    *,
    draws: int,
    seed: int,
) -> list[Response]:
    """Measure the response to each family that has copies.

    Parameters
    ----------
    parents : n documents
    copies : m copies of them
    sizes : int64[k], documents of each cluster
    families : their names
    draws, seed : of the bootstrap

    Returns
    -------
    A response per family with at least one copy, in the order of the names. Shares have Wilson's
    interval (1927), the mean a percentile bootstrap's, both of 95%. An encoder feels a family if at
    least 0.6 of its copies move farther and the interval's low end is above 0.5, a coin's share.

    Raises
    ------
    ArrayError : columns that do not fit together, or no draws.

    Notes
    -----
    O(draws x m). Yang et al. 2023 (arXiv:2312.02418) count the same moves; the bar of 0.6 is ours.

    Examples
    --------
    >>> parents = Placed(np.array([0, 0], np.int32), np.array([0.25, 0.25], np.float32))
    >>> moved = Placed(np.array([1, 0], np.int32), np.array([0.5, 0.25], np.float32))
    >>> copies = Copies(np.array([0, 1]), np.array([0, 0]), moved)
    >>> found = responses(parents, copies, np.array([9, 1]), ["names"], draws=10, seed=0)[0]
    >>> found.farther.value, found.smaller.value, found.change.value, found.unmoved
    (0.5, 0.5, 0.125, 0.5)
    """
    check_fit(parents, copies, sizes, len(families))
    if draws < 1:
        raise ArrayError(f"draws={draws} of a bootstrap; at least 1 is needed")
    change = copies.placed.distance.astype(np.float64) - parents.distance[copies.parent]
    smaller = sizes[copies.placed.cluster] < sizes[parents.cluster[copies.parent]]
    moved = (copies.placed.cluster != parents.cluster[copies.parent]) | (change != 0)
    found: list[Response] = []
    for number, family in enumerate(families):
        own = copies.family == number
        if own.any():
            n = int(own.sum())
            farther = wilson(int((change[own] > 0).sum()), n)
            found.append(
                Response(
                    family=family,
                    n=n,
                    farther=farther,
                    smaller=wilson(int(smaller[own].sum()), n),
                    change=_mean(change[own], draws, generator(seed, "corruption-change", family)),
                    unmoved=float(1 - moved[own].mean()),
                    is_sensitive=farther.value >= SENSITIVE_FROM and farther.low > _CHANCE,
                )
            )
    return found


def is_sensitive(found: Sequence[Response]) -> bool:
    """Say whether an encoder passes: it feels at least one family.

    Examples
    --------
    >>> is_sensitive([])
    False
    """
    return any(response.is_sensitive for response in found)


def wilson(hits: int, n: int) -> Interval:
    """Give a share its 95% interval, which is never outside 0 to 1 (Wilson 1927).

    Raises
    ------
    ArrayError : n below 1, or hits not among 0 to n.

    Examples
    --------
    >>> found = wilson(8, 10)
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (0.8, 0.49, 0.943)
    """
    if not 0 <= hits <= n or n < 1:
        raise ArrayError(f"{hits} hits of {n}; a share needs at least 1, and no more hits than that")
    share, squared = hits / n, _Z95 * _Z95
    middle = (share + squared / (2 * n)) / (1 + squared / n)
    half = _Z95 * math.sqrt(share * (1 - share) / n + squared / (4 * n * n)) / (1 + squared / n)
    return Interval(share, max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share)), n)


def check_fit(parents: Placed, copies: Copies, sizes: NDArray[np.int64], n_families: int) -> None:
    """Refuse parents, copies and cluster sizes that do not fit together.

    Parameters
    ----------
    parents, copies : n and m documents
    sizes : int64[k]
    n_families : that the copies may be of

    Raises
    ------
    ArrayError : lengths differ, or a row, family or cluster is not there.
    """
    columns = (copies.parent, copies.family, copies.placed.cluster, copies.placed.distance)
    lengths = [len(column) for column in columns]
    if len(set(lengths)) > 1 or len(parents.cluster) != len(parents.distance):
        raise ArrayError(
            f"copies have columns of {lengths} rows, parents of {len(parents.cluster)} and "
            f"{len(parents.distance)}; each needs one length"
        )
    clusters = np.concatenate([parents.cluster, copies.placed.cluster])
    for name, numbers, end in (
        ("parent", copies.parent, len(parents.cluster)),
        ("family", copies.family, n_families),
        ("cluster", clusters, len(sizes)),
    ):
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < end:
            raise ArrayError(f"a {name} is {numbers.min()} or {numbers.max()}; there are {end}, from 0")


def _mean(values: NDArray[np.float64], draws: int, stream: np.random.Generator) -> Interval:
    """Give a mean its percentile bootstrap interval (Efron 1979)."""
    at_once = max(1, _BLOCK_VALUES // len(values))
    means = np.concatenate(
        [
            values[stream.integers(0, len(values), (min(at_once, draws - begin), len(values)))].mean(axis=1)
            for begin in range(0, draws, at_once)
        ]
    )
    low, high = np.percentile(means, (LOW_PERCENTILE, HIGH_PERCENTILE))
    return Interval(float(values.mean()), float(low), float(high), len(values))

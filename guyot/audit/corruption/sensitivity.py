"""An encoder's sensitivity to corruption: do copies move away from centroids and into smaller clusters?

SCIP assumes that they do; whether they do is a property of the encoder, not of the data alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.seeds import generator
from guyot.stats import Interval, mean_interval, wilson

SENSITIVE_FROM = 0.6  # share of copies that move farther
_CHANCE = 0.5


@dataclass(frozen=True)
class ClusterPositions:
    """The clusters of n documents.

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
    placed : the clusters of the m copies
    """

    parent: NDArray[np.int64]
    family: NDArray[np.int64]
    placed: ClusterPositions


@dataclass(frozen=True)
class Response:
    """How an encoder responds to one family.

    n : copies
    farther : share that lie farther from their centroid than their parent from its own
    smaller : share whose cluster has fewer documents than their parent's
    change : mean change of distance
    unmoved : share whose cluster and distance are their parent's: what was edited the encoder did not read
    is_sensitive : whether the encoder is sensitive to this family
    """

    family: str
    n: int
    farther: Interval
    smaller: Interval
    change: Interval
    unmoved: float
    is_sensitive: bool


def responses(
    parents: ClusterPositions,
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
    interval (1927), the mean a percentile bootstrap's, both of 95%. An encoder is sensitive to a family
    if at least 0.6 of its copies move farther and the interval's low end is above 0.5, a coin's share.

    Raises
    ------
    ArrayError : columns that do not fit together, or no draws.

    Notes
    -----
    O(draws x m). Yang et al. 2023 (arXiv:2312.02418) count the same moves; the bar of 0.6 is ours.

    Examples
    --------
    >>> parents = ClusterPositions(np.array([0, 0], np.int32), np.array([0.25, 0.25], np.float32))
    >>> moved = ClusterPositions(np.array([1, 0], np.int32), np.array([0.5, 0.25], np.float32))
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
                    change=mean_interval(change[own], draws, generator(seed, "corruption-change", family)),
                    unmoved=float(1 - moved[own].mean()),
                    is_sensitive=farther.value >= SENSITIVE_FROM and farther.low > _CHANCE,
                )
            )
    return found


def is_sensitive(found: Sequence[Response]) -> bool:
    """Return whether an encoder is sensitive to at least one family.

    Examples
    --------
    >>> is_sensitive([])
    False
    """
    return any(response.is_sensitive for response in found)


def check_fit(parents: ClusterPositions, copies: Copies, sizes: NDArray[np.int64], n_families: int) -> None:
    """Raise if parents, copies and cluster sizes do not fit together.

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

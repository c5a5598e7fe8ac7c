"""Iterations of spherical k-means that are exact, so that threads change no bit of them.

Which centroid is nearest is settled exactly (`guyot.vectors.nearest_one`), and sums of float16 coordinates
are exact in float64 in any order: each is a multiple of 2^-24, so 2^29 of them leave nothing to round.
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.exact import unit_float16
from guyot.vectors.nearest_one import nearest_one
from guyot.vectors.screen import UnitRows
from guyot.vectors.threads import in_threads
from guyot.vectors.widening import float32_of

_CLUSTERS_AT_ONCE = 64  # of which a thread sums the rows


@dataclass(frozen=True)
class Refined:
    """What iterations gave.

    vectors : float16[k, d], rows of unit length
    nearest : int64[m], the centroid that is nearest to each row
    objective : per iteration, the sum of the rows' products with the centroids that they were nearest to, as
        float64 rounds it
    """

    vectors: NDArray[np.float16]
    nearest: NDArray[np.int64]
    objective: tuple[float, ...]


def refined(rows: UnitRows, centroids: NDArray[np.float16], iterations: int) -> Refined:
    """Move centroids to the directions of the rows that are nearest to them, time and again.

    Parameters
    ----------
    rows : m rows
    centroids : float16[k, d], rows of unit length
    iterations : fewer are made where no row changes its centroid

    Notes
    -----
    O(m k d) per iteration, by as many threads as there are idle cores; 16 k d bytes, 6 d for each row of a
    cluster, and blocks. A centroid that is nearest to nothing becomes the farthest row of the cluster that
    has most to gain by it.

    Examples
    --------
    >>> rows = UnitRows.measured(np.array([[1, 0], [0.6, 0.8], [0, 1]], np.float16))
    >>> refined(rows, np.eye(2, dtype=np.float16), 5).nearest.tolist()
    [0, 1, 1]
    """
    objective: list[float] = []
    nearest = nearest_one(rows, UnitRows.measured(centroids))
    for _ in range(iterations):
        sums = sums_of(rows.vectors, nearest, len(centroids))
        objective.append(float(np.vecdot(sums, float32_of(centroids)).sum()))
        centroids = directions(sums)
        _fill(centroids, sums, rows, nearest)
        last, nearest = nearest, nearest_one(rows, UnitRows.measured(centroids))
        if np.array_equal(last, nearest):
            break
    return Refined(centroids, nearest, tuple(objective))


def sums_of(vectors: NDArray[np.float16], cluster: NDArray[np.int64], n_clusters: int) -> NDArray[np.float64]:
    """Sum the vectors of each cluster, exactly.

    Parameters
    ----------
    vectors : float16[m, d], m at most 2^29
    cluster : int64[m]

    Returns
    -------
    float64[n_clusters, d]

    Examples
    --------
    >>> sums_of(np.eye(3, dtype=np.float16), np.array([1, 0, 1]), 2).tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    """
    order = np.argsort(cluster, kind="stable")
    begins = np.searchsorted(cluster[order], np.arange(n_clusters + 1))
    parts = range(0, n_clusters, _CLUSTERS_AT_ONCE)
    return np.concatenate(list(in_threads(functools.partial(_sums_of_some, vectors, order, begins), parts)))


def _sums_of_some(
    vectors: NDArray[np.float16], order: NDArray[np.int64], begins: NDArray[np.int64], first: int
) -> NDArray[np.float64]:
    """Sum the vectors of some adjacent clusters."""
    bounds = begins[first : first + _CLUSTERS_AT_ONCE + 1]
    sums = np.zeros((len(bounds) - 1, vectors.shape[1]))
    for number in np.flatnonzero(np.diff(bounds)):
        members = order[bounds[number] : bounds[number + 1]]
        float32_of(vectors[members]).sum(axis=0, dtype=np.float64, out=sums[number])
    return sums


def directions(sums: NDArray[np.float64]) -> NDArray[np.float16]:
    """Return the directions of sums of vectors.

    Parameters
    ----------
    sums : float64[k, d]

    Returns
    -------
    float16[k, d], rows of unit length; of vectors that cancel out the first axis, any being as good

    Examples
    --------
    >>> directions(np.array([[0, 3.0], [0, 0]])).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    length = np.sqrt(np.add.accumulate(sums * sums, axis=1)[:, -1])  # in one order on any processor
    found = sums / np.where(length > 0, length, 1)[:, None]
    found[length == 0, 0] = 1
    return unit_float16(found.astype(np.float32))


def _fill(
    centroids: NDArray[np.float16], sums: NDArray[np.float64], rows: UnitRows, nearest: NDArray[np.int64]
) -> None:
    """Put centroids of no row on the farthest rows of the clusters that are least like a single direction."""
    counts = np.bincount(nearest, minlength=len(centroids))
    if counts.all():
        return
    lengths = np.bincount(nearest, weights=rows.lengths, minlength=len(centroids))
    loss = np.where(counts > 0, lengths - np.linalg.norm(sums, axis=1), -np.inf)
    taken = np.zeros(len(centroids), np.int64)
    for empty in np.flatnonzero(counts == 0):
        widest = (loss / (1 + taken)).argmax()
        members = np.flatnonzero(nearest == widest)
        order = np.argsort(rows.exact(members) @ centroids[widest].astype(np.float64), kind="stable")
        centroids[empty] = rows.vectors[members[order[taken[widest] % len(members)]]]
        taken[widest] += 1

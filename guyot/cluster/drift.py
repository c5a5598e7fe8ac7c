"""Drift: how far documents have moved from the centroids since these were trained.

A centroid lies closer to the documents it was made of than to new ones of the same kind. So the distances
at training time are measured with each document left out of its own centroid; else every small sample
would seem to drift at once.
"""

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.vectors.exact import check_unit

N_BINS = 200
FARTHEST = 2.0
_BLOCK_ROWS = 8192


def left_out_distances(sample: NDArray[np.float16], cluster: NDArray[np.int32]) -> NDArray[np.float64]:
    """Measure each document's cosine distance to the mean of the other members of its cluster.

    Parameters
    ----------
    sample : float16[m, d], rows of unit length
    cluster : int32[m], the cluster of each, 0 or more

    Returns
    -------
    float64[m]; nan for the only member of a cluster

    Raises
    ------
    ArrayError : rows not of unit length, or not as many clusters as rows.

    Notes
    -----
    O(m d), in blocks; memory for the sums of all clusters. No paper: a leave-one-out estimate of how far
    unseen documents lie.

    Examples
    --------
    >>> from guyot.vectors.exact import unit_float16
    >>> sample = unit_float16(np.array([[1, 0], [0, 1], [1, 1]], np.float32))
    >>> left_out_distances(sample, np.array([0, 0, 1], np.int32)).tolist()
    [1.0, 1.0, nan]
    """
    check_unit(sample, "sample")
    if len(sample) != len(cluster):
        raise ArrayError(f"{len(sample)} rows have {len(cluster)} clusters; each needs one")
    n_clusters = int(cluster.max(initial=-1)) + 1
    sums = np.zeros((n_clusters, sample.shape[1]))
    order = np.argsort(cluster, kind="stable")
    for begin in range(0, len(order), _BLOCK_ROWS):
        rows = order[begin : begin + _BLOCK_ROWS]
        found, first = np.unique(cluster[rows], return_index=True)
        sums[found] += np.add.reduceat(sample[rows].astype(np.float64), first)
    distances = np.full(len(sample), np.nan)
    sizes = np.bincount(cluster, minlength=n_clusters)
    for begin in range(0, len(sample), _BLOCK_ROWS):
        block = slice(begin, begin + _BLOCK_ROWS)
        own = sample[block].astype(np.float64)
        others = sums[cluster[block]] - own
        length = np.linalg.norm(others, axis=1) * np.linalg.norm(own, axis=1)
        product = np.einsum("nd,nd->n", own, others)
        cosine = np.divide(product, length, where=length > 0, out=np.zeros(len(own)))
        distances[block] = np.where(sizes[cluster[block]] > 1, 1 - cosine, np.nan)
    return distances


def distance_counts(distances: NDArray[np.floating]) -> NDArray[np.int64]:
    """Count distances in N_BINS equal bins from 0 to 2; nan is not counted.

    Parameters
    ----------
    distances : float32[m] or float64[m], cosine distances

    Returns
    -------
    int64[200]

    Examples
    --------
    >>> np.flatnonzero(distance_counts(np.array([0.0, 0.011, 2.0, np.nan]))).tolist()
    [0, 1, 199]
    """
    known = distances[~np.isnan(distances)]
    return np.histogram(np.clip(known, 0, FARTHEST), N_BINS, (0, FARTHEST))[0]


def largest_gap(before: NDArray[np.int64], after: NDArray[np.int64]) -> float:
    """Compare two counts: the largest difference of their cumulative shares (Kolmogorov-Smirnov).

    Parameters
    ----------
    before, after : int64[b], from `distance_counts`; neither empty

    Returns
    -------
    0 where they are alike, 1 where they share no bin

    Raises
    ------
    ArrayError : one of them counts nothing.

    Examples
    --------
    >>> largest_gap(np.array([2, 2]), np.array([1, 3]))
    0.25
    """
    if not before.sum() or not after.sum():
        raise ArrayError(f"{before.sum()} and {after.sum()} distances cannot be compared; both need one")
    shares = [np.cumsum(counts) / counts.sum() for counts in (before, after)]
    return float(np.abs(shares[0] - shares[1]).max())

"""The shape of each cluster: how many documents, how spread, how far from its neighbours."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.exact import check_unit, cosines


@dataclass(frozen=True)
class Geometry:
    """One value per cluster.

    size : int64[k], documents
    spread : float64[k], mean cosine distance of members to their centroid; nan when empty
    gap : float64[k], mean cosine distance to the nearest other centroids; nan when there is no other
    complexity : float64[k], spread x gap
    """

    size: NDArray[np.int64]
    spread: NDArray[np.float64]
    gap: NDArray[np.float64]
    complexity: NDArray[np.float64]


def geometry(
    cluster: NDArray[np.int32],
    distance: NDArray[np.float32],
    centroids: NDArray[np.float16],
    *,
    n_neighbours: int = 20,
) -> Geometry:
    """Measure clusters as density-based pruning does.

    Parameters
    ----------
    cluster : int32[n], 0 to k - 1
    distance : float32[n], cosine distance to the own centroid
    centroids : float16[k, d], rows of unit length
    n_neighbours : nearest other centroids that make the gap; fewer where there are fewer

    Notes
    -----
    O(n + k^2 d). Abbas et al. 2024 (arXiv:2401.04578): d_intra is spread, d_inter is gap.

    Examples
    --------
    >>> from guyot.vectors.exact import unit_float16
    >>> shape = geometry(np.array([0, 0], np.int32), np.array([0.1, 0.3], np.float32),
    ...                  unit_float16(np.eye(2, dtype=np.float32)))
    >>> shape.size.tolist(), shape.spread[0].round(3), shape.gap.tolist()
    ([2, 0], np.float64(0.2), [1.0, 1.0])
    """
    check_unit(centroids, "centroids")
    n_clusters = len(centroids)
    size = np.bincount(cluster, minlength=n_clusters).astype(np.int64)
    total = np.bincount(cluster, weights=distance, minlength=n_clusters)
    spread = np.divide(total, size, out=np.full(n_clusters, np.nan), where=size > 0)
    gap = np.full(n_clusters, np.nan)
    if n_clusters > 1:
        nearest = min(n_neighbours, n_clusters - 1)
        for begin in range(0, n_clusters, 1024):
            apart = 1 - cosines(centroids[begin : begin + 1024], centroids).astype(np.float64)
            apart[np.arange(len(apart)), begin + np.arange(len(apart))] = np.inf
            apart = np.partition(apart, nearest - 1, axis=1)[:, :nearest]
            gap[begin : begin + len(apart)] = np.sort(apart, axis=1).mean(axis=1)
    return Geometry(size, spread, gap, spread * gap)

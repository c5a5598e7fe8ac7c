"""Many centroids: a k-means of groups, then one in each, so that none looks at all centroids."""

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.centroid_groups import CentroidGroups, with_margin
from guyot.cluster.spherical_kmeans import Centroids, KMeansSettings, spherical_kmeans
from guyot.vectors.nearest import nearest_two
from guyot.vectors.screen import UnitRows

_POINTS_PER_GROUP = 256


def grouped_kmeans(sample: NDArray[np.float16], settings: KMeansSettings) -> Centroids:
    """Find many centroids, in about as many groups as each has centroids.

    Parameters
    ----------
    sample : float16[m, d], m at least 1, rows of unit length, in an order that does not depend on them
    settings : `n_clusters` is lowered to m where the sample is smaller

    Returns
    -------
    Centroids, group by group; a group has as many as its share of the sample. Documents are assigned by a
    margin of groups, see `guyot.cluster.centroid_groups.with_margin`.

    Notes
    -----
    O(m sqrt(k) d) per iteration, and 4 m d / sqrt(k) bytes beside the sample. Deterministic.

    Examples
    --------
    >>> from guyot.vectors.exact import unit_float16
    >>> rows = unit_float16(np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]] * 3, np.float32))
    >>> found = grouped_kmeans(rows, KMeansSettings(4, 5, 64, 0))
    >>> len(found.vectors), found.groups.begins.tolist()
    (4, [0, 2, 4])
    """
    n_clusters = min(settings.n_clusters, len(sample))
    n_groups = max(1, round(math.sqrt(n_clusters)))
    step = max(1, len(sample) // (_POINTS_PER_GROUP * n_groups))
    coarse = spherical_kmeans(sample[::step], dataclasses.replace(settings, n_clusters=n_groups))
    nearest = nearest_two(UnitRows.measured(sample), UnitRows.measured(coarse.vectors))[0][1]
    sizes = np.bincount(nearest, minlength=len(coarse.vectors))
    kept = np.flatnonzero(sizes)
    counts = shares(sizes[kept], n_clusters)
    parts = [
        spherical_kmeans(sample[nearest == group], dataclasses.replace(settings, n_clusters=count))
        for group, count in zip(kept.tolist(), counts.tolist(), strict=True)
    ]
    begins = np.cumsum([0, *(len(part.vectors) for part in parts)])
    vectors = np.concatenate([part.vectors for part in parts])
    return Centroids(
        vectors,
        np.concatenate([part.sample_members for part in parts]),
        _sum_of([part.objective for part in parts]),
        with_margin(CentroidGroups(coarse.vectors[kept], begins, 0, {}), vectors, sample),
    )


def shares(sizes: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Divide a number of centroids by the sizes of groups: by the largest remainder, one each at least.

    Parameters
    ----------
    sizes : int64[g], documents of each group, at least 1
    total : from g to the sum of the sizes

    Returns
    -------
    int64[g], which sums to `total`; of no group more than its size

    Examples
    --------
    >>> shares(np.array([5, 3, 1]), 4).tolist()
    [2, 1, 1]
    """
    free = total - len(sizes)  # after one each
    exact = (sizes - 1) * (free / max(1, (sizes - 1).sum()))
    found = np.minimum(np.floor(exact).astype(np.int64), sizes - 1)
    order = np.lexsort((np.arange(len(sizes)), -(exact - found)))
    order = order[found[order] < (sizes - 1)[order]]
    found[order[: free - found.sum()]] += 1
    return found + 1


def _sum_of(objectives: list[tuple[float, ...]]) -> tuple[float, ...]:
    """Sum the objectives of all groups, iteration by iteration; one that stopped early stays as it was."""
    n_iterations = max(map(len, objectives))
    return tuple(
        math.fsum(one[min(number, len(one) - 1)] for one in objectives) for number in range(n_iterations)
    )

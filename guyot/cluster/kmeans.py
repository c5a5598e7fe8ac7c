"""Spherical k-means on a sample, which few documents are enough for."""

import math

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.grouped_kmeans import grouped_kmeans
from guyot.cluster.spherical_kmeans import Centroids, KMeansSettings, spherical_kmeans
from guyot.errors import SettingError
from guyot.seeds import draw_sample
from guyot.vectors.exact import VectorBlocks, check_unit

MAX_UNGROUPED = 10_000  # centroids; more lie in groups


def kmeans(sample: NDArray[np.float16], settings: KMeansSettings) -> Centroids:
    """Find centroids that the sample's vectors are near to, by cosine.

    Parameters
    ----------
    sample : float16[m, d], rows of unit length
    settings : `n_clusters` is lowered to m where the sample is smaller; `points_per_cluster` is not
        used here: the sample is what is given

    Returns
    -------
    Centroids; `objective` is the sum of the sample's cosines to its centroids, for each iteration on the
    whole of it; it rises. More than 10,000 lie in groups, see `guyot.cluster.grouped_kmeans`.

    Raises
    ------
    SettingError : no rows to cluster, or n_clusters below 1.
    ArrayError : rows not of unit length.

    Notes
    -----
    O(m k d) per iteration, with groups O(m sqrt(k) d). Deterministic at any number of threads: faiss makes
    the first half of the iterations on one, with half of the rows; the others are exact. An empty cluster
    gets the farthest row of a wide one. Abbas et al. 2023 (arXiv:2303.09540), section 3. Differs: centroids
    are rounded to float16, so that every distance to them is exact; many are trained in two levels.

    Examples
    --------
    >>> from guyot.vectors.exact import unit_float16
    >>> sample = unit_float16(np.array([[1, 0], [1, 0.1], [0, 1]], np.float32))
    >>> kmeans(sample, KMeansSettings(2, 5, 256, 0)).sample_members.tolist()
    [2, 1]
    """
    check_unit(sample, "sample")
    if settings.n_clusters < 1 or not len(sample):
        raise SettingError(
            f"n_clusters={settings.n_clusters} of {len(sample)} sampled documents; "
            "at least one of each is needed"
        )
    is_many = min(settings.n_clusters, len(sample)) > MAX_UNGROUPED
    return grouped_kmeans(sample, settings) if is_many else spherical_kmeans(sample, settings)


def default_n_clusters(n_documents: int) -> int:
    """Return how many clusters documents have where none are asked for: the square root of the documents.

    Examples
    --------
    >>> [default_n_clusters(n) for n in (0, 100, 1_000_000)]
    [1, 10, 1000]
    """
    return max(1, round(math.sqrt(n_documents)))


def sample_rows(
    ids: NDArray[np.uint64], eligible: NDArray[np.bool_], settings: KMeansSettings
) -> NDArray[np.int64]:
    """Choose the documents that train the centroids, each by its own identity alone.

    Parameters
    ----------
    ids : uint64[n], the first 64 bits of each doc_id
    eligible : bool[n]

    Returns
    -------
    int64[m], ascending, m = min(n_clusters x points_per_cluster, eligible documents)
    """
    candidates = np.flatnonzero(eligible)
    size = settings.n_clusters * settings.points_per_cluster
    return candidates[draw_sample(settings.seed, "kmeans-sample", ids[candidates], size)]


def gather(vectors: VectorBlocks, wanted: NDArray[np.int64]) -> NDArray[np.float16]:
    """Collect some documents' vectors.

    Parameters
    ----------
    wanted : int64[m], rows, ascending

    Returns
    -------
    float16[m, d], in the order of `wanted`, of those that there are

    Notes
    -----
    2 m d bytes beside a block.
    """
    found, is_found = np.zeros((0, 1), np.float16), np.zeros(len(wanted), np.bool_)
    for rows, block in vectors.blocks():
        place = np.minimum(np.searchsorted(wanted, rows), len(wanted) - 1)
        hit = np.flatnonzero(wanted[place] == rows) if len(wanted) else place[:0]
        if len(hit):
            if not len(found):
                found = np.empty((len(wanted), block.shape[1]), np.float16)
            found[place[hit]], is_found[place[hit]] = block[hit], True
    return found if is_found.all() else found[is_found[: len(found)]]

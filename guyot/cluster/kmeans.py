"""Spherical k-means on a sample, by faiss, on one thread so that a rerun gives the same bytes."""

import contextlib
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.faiss_loading import load_faiss
from guyot.errors import SettingError
from guyot.seeds import draw_sample
from guyot.vectors.exact import VectorBlocks, check_unit, unit_float16


@dataclass(frozen=True)
class KMeansSettings:
    """Settings of a clustering. `points_per_cluster` times `n_clusters` documents are the sample."""

    n_clusters: int
    iterations: int
    points_per_cluster: int
    seed: int


@dataclass(frozen=True)
class Centroids:
    """The result of a clustering.

    vectors : float16[k, d], rows of unit length
    sample_members : int64[k], documents of the sample nearest to each
    objective : per iteration, the sum of the sample's cosines to its centroids
    """

    vectors: NDArray[np.float16]
    sample_members: NDArray[np.int64]
    objective: tuple[float, ...]


def kmeans(sample: NDArray[np.float16], settings: KMeansSettings) -> Centroids:
    """Find centroids that the sample's vectors are near to, by cosine.

    Parameters
    ----------
    sample : float16[m, d], rows of unit length
    settings : `n_clusters` is lowered to m where the sample is smaller; `points_per_cluster` is not
        used here: the sample is what is given

    Returns
    -------
    Centroids; `objective` is the sum of the sample's cosines to its centroids, which rises.

    Raises
    ------
    SettingError : no rows to cluster, or n_clusters below 1.
    ArrayError : rows not of unit length.

    Notes
    -----
    O(m k d) per iteration. Deterministic: one thread, a fixed seed. Faiss moves an empty cluster into
    a large one. Abbas et al. 2023 (arXiv:2303.09540), section 3. Differs: centroids are rounded to
    float16, so that every distance to them is exact.

    Examples
    --------
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
    return _kmeans(sample, settings)


def _kmeans(sample: NDArray[np.float16], settings: KMeansSettings) -> Centroids:
    """Cluster a checked sample."""
    faiss = load_faiss()
    n_clusters = min(settings.n_clusters, len(sample))
    rows = np.ascontiguousarray(sample, dtype=np.float32)
    model = faiss.Kmeans(
        rows.shape[1], n_clusters, niter=settings.iterations, spherical=True, seed=settings.seed,
        max_points_per_centroid=len(rows), min_points_per_centroid=1,
    )  # fmt: skip
    with _one_thread():
        model.train(rows)
        _, nearest = model.index.search(rows, 1)
    if model.centroids is None or model.obj is None:
        raise SettingError(f"faiss found no centroids in {len(rows)} rows; raise the sample")
    members = np.bincount(nearest[:, 0], minlength=n_clusters).astype(np.int64)
    return Centroids(unit_float16(model.centroids), members, tuple(float(o) for o in model.obj))


@contextlib.contextmanager
def _one_thread() -> Generator[None]:
    """Limit BLAS and OpenMP to one thread: float32 sums depend on how they are split."""
    from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

    with threadpool_limits(1):
        yield


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
    float16[m, d], in the order of `wanted`
    """
    found_rows: list[NDArray[np.int64]] = []
    found: list[NDArray[np.float16]] = []
    for rows, block in vectors.blocks():
        place = np.minimum(np.searchsorted(wanted, rows), len(wanted) - 1)
        hit = np.flatnonzero(wanted[place] == rows) if len(wanted) else place[:0]
        if len(hit):
            found_rows.append(rows[hit])
            found.append(np.asarray(block[hit]))
    if not found:
        return np.zeros((0, 1), np.float16)
    return np.concatenate(found)[np.argsort(np.concatenate(found_rows), kind="stable")]

"""Spherical k-means by faiss, on one thread so that a rerun gives the same bytes."""

import contextlib
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.centroid_groups import CentroidGroups
from guyot.cluster.faiss_loading import load_faiss
from guyot.errors import SettingError
from guyot.vectors.exact import unit_float16


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
    sample_members : int64[k], documents of the sample nearest to each; of many centroids, of its group
    objective : per iteration, the sum of the sample's cosines to its centroids
    groups : of many centroids, by which documents are assigned; None: each is looked at
    """

    vectors: NDArray[np.float16]
    sample_members: NDArray[np.int64]
    objective: tuple[float, ...]
    groups: CentroidGroups | None = None


def spherical_kmeans(sample: NDArray[np.float16], settings: KMeansSettings) -> Centroids:
    """Cluster a sample by all of its centroids.

    Parameters
    ----------
    sample : float16[m, d], m at least 1, rows of unit length
    settings : `n_clusters` is lowered to m where the sample is smaller

    Notes
    -----
    O(m k d) per iteration, and 4 m d bytes. Deterministic: one thread, a fixed seed.
    """
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
    # of rows that are their own centroids faiss says nothing
    objective = (float(len(rows)),) if len(rows) == n_clusters else tuple(float(o) for o in model.obj)
    return Centroids(unit_float16(model.centroids), members, objective)


@contextlib.contextmanager
def _one_thread() -> Generator[None]:
    """Limit BLAS and OpenMP to one thread: float32 sums depend on how they are split."""
    from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

    with threadpool_limits(1):
        yield

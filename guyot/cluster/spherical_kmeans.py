"""Spherical k-means: faiss begins on half of a sample, exact iterations on the whole of it settle it.

Faiss takes one thread, so that a rerun gives the same bytes; threads change nothing of what is exact.
"""

import contextlib
import threading
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.centroid_groups import CentroidGroups
from guyot.cluster.faiss_loading import load_faiss
from guyot.cluster.refinement import directions, refined
from guyot.errors import SettingError
from guyot.seeds import generator
from guyot.vectors.nearest_one import nearest_one
from guyot.vectors.screen import UnitRows
from guyot.vectors.threads import one_blas_thread
from guyot.vectors.widening import float32_of

_MIN_POINTS = 16  # of each centroid, from which on a half of the rows is enough to begin with
_TRAINING = threading.Lock()


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
    objective : per iteration on the whole sample, the sum of its cosines to its centroids
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
    O(m k d) per iteration, and 8 m d bytes beside the sample. Half of the iterations, rounded down, are
    faiss's on half of the rows, drawn by the seed, where 16 are left of them for each centroid; the others
    are exact, on all rows.
    """
    n_clusters = min(settings.n_clusters, len(sample))
    rows = UnitRows.measured(sample)
    if n_clusters == len(sample):  # which are their own centroids
        members = np.bincount(nearest_one(rows, rows), minlength=n_clusters).astype(np.int64)
        return Centroids(sample.copy(), members, (float(len(sample)),))
    n_first = settings.iterations // 2
    found = refined(rows, _begun(sample, n_clusters, n_first, settings.seed), settings.iterations - n_first)
    members = np.bincount(found.nearest, minlength=n_clusters).astype(np.int64)
    return Centroids(found.vectors, members, found.objective)


def _begun(sample: NDArray[np.float16], n_clusters: int, iterations: int, seed: int) -> NDArray[np.float16]:
    """Return centroids to begin with: those that faiss finds, or for no iterations some rows."""
    chosen = generator(seed, "kmeans-begin").permutation(len(sample))
    if not iterations:
        return sample[chosen[:n_clusters]]
    half = np.sort(chosen[: len(sample) // 2]) if len(sample) >= 2 * _MIN_POINTS * n_clusters else slice(None)
    faiss = load_faiss()
    rows = float32_of(sample[half])
    model = faiss.Kmeans(
        rows.shape[1], n_clusters, niter=iterations, spherical=True, seed=seed,
        max_points_per_centroid=len(rows), min_points_per_centroid=1,
    )  # fmt: skip
    with _one_thread():
        model.train(rows)
    if model.centroids is None:
        raise SettingError(f"faiss found no centroids in {len(rows)} rows; raise the sample")
    return directions(model.centroids.astype(np.float64))


@contextlib.contextmanager
def _one_thread() -> Generator[None]:
    """Limit BLAS and OpenMP to one thread: float32 sums depend on how they are split.

    One training at a time, and as a user of `one_blas_thread`: limits that overlap restore one another's.
    """
    from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

    with _TRAINING, one_blas_thread(), threadpool_limits(1):
        yield

"""K-means by all centroids; what it gives is tested with guyot.cluster.kmeans, which checks its sample."""

import contextlib

import numpy as np
from support.corpus import planted_clusters, some_units
from threadpoolctl import threadpool_info, threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

from guyot.cluster import spherical_kmeans as module
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.cluster.spherical_kmeans import spherical_kmeans
from guyot.vectors.threads import one_blas_thread


def test_it_is_what_few_centroids_are_made_by() -> None:
    vectors, _ = planted_clusters(n_clusters=4, members=50)
    settings = KMeansSettings(4, 20, 256, 0)
    mine, checked = spherical_kmeans(vectors, settings), kmeans(vectors, settings)
    assert mine.groups is None
    assert mine.vectors.tobytes() == checked.vectors.tobytes()
    assert np.array_equal(mine.sample_members, checked.sample_members)


def test_documents_that_are_their_own_centroids_have_all_their_cosines() -> None:
    vectors = some_units(30, 8)
    found = spherical_kmeans(vectors, KMeansSettings(30, 5, 64, 0))
    assert found.objective == (30.0,)
    assert spherical_kmeans(vectors[:1], KMeansSettings(1, 5, 64, 0)).objective == (1.0,)


def test_equal_documents_that_are_their_own_centroids_are_members_of_the_first() -> None:
    rows = np.repeat(some_units(1, 8), 3, axis=0)
    found = spherical_kmeans(rows, KMeansSettings(3, 5, 64, 0))
    assert found.sample_members.tolist() == [3, 0, 0]


def test_one_iteration_is_one() -> None:
    rows = some_units(200, 8)
    assert len(spherical_kmeans(rows, KMeansSettings(5, 1, 64, 0)).objective) == 1
    assert len(spherical_kmeans(rows, KMeansSettings(5, 3, 64, 0)).objective) == 2


def test_documents_that_cancel_out_have_centroids_all_the_same() -> None:
    axes = np.eye(4, dtype=np.float16)
    opposed = np.stack([axes[0], axes[1], -axes[0], axes[1]] * 40)
    assert spherical_kmeans(opposed, KMeansSettings(1, 10, 64, 0)).sample_members.tolist() == [160]
    found = spherical_kmeans(np.stack([axes[0], -axes[0]] * 80), KMeansSettings(1, 10, 64, 0))
    assert found.sample_members.tolist() == [160]


def test_the_order_of_documents_hides_no_kind_of_them() -> None:
    axes = np.eye(4, dtype=np.float16)
    interleaved = np.stack([axes[0], axes[1], axes[0], axes[2], axes[0], axes[3]] * 40)
    found = spherical_kmeans(interleaved, KMeansSettings(4, 10, 64, 0))
    assert sorted(found.sample_members.tolist()) == [40, 40, 40, 120]


def test_the_half_that_it_begins_with_is_drawn() -> None:
    vectors, planted = planted_clusters(n_clusters=8, members=50)
    even, odd = np.flatnonzero(planted < 4), np.flatnonzero(planted >= 4)
    interleaved = vectors[np.stack([even, odd], axis=1).ravel()]  # every second one is of the first four
    found = spherical_kmeans(interleaved, KMeansSettings(8, 6, 64, 1))
    in_order = spherical_kmeans(vectors, KMeansSettings(8, 6, 64, 1))
    assert found.objective[-1] > 0.97 * in_order.objective[-1]


def test_a_search_that_ends_while_faiss_trains_leaves_it_one_thread_and_the_process_all() -> None:
    with threadpool_limits(3, user_api="blas"):
        search, training = contextlib.ExitStack(), contextlib.ExitStack()
        search.enter_context(one_blas_thread())
        training.enter_context(module._one_thread())
        search.close()
        assert blas_threads() == {1}
        training.close()
        assert blas_threads() == {3}


def blas_threads() -> set[int]:
    """Return how many threads numpy's matrix products may take."""
    return {one["num_threads"] for one in threadpool_info() if "numpy.libs" in one["filepath"]}

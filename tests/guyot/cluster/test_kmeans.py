"""K-means finds planted clusters, gives the same bytes at any thread count, and takes few documents."""

import faiss
import numpy as np
import pytest
from support.corpus import Blocks, planted_clusters, some_units
from threadpoolctl import threadpool_limits

from guyot.cluster.kmeans import KMeansSettings, gather, kmeans, sample_rows
from guyot.errors import SettingError
from guyot.seeds import generator
from guyot.vectors.exact import cosines, unit_float16


def test_planted_clusters_are_found() -> None:
    vectors, planted = planted_clusters(n_clusters=4, members=50)
    found = kmeans(vectors, KMeansSettings(4, 20, 256, 0))
    nearest = cosines(vectors, found.vectors).argmax(axis=1)
    assert len({(p, n) for p, n in zip(planted, nearest, strict=True)}) == 4
    assert sorted(found.sample_members.tolist()) == [50, 50, 50, 50]


def test_a_single_cluster_is_the_mean_direction() -> None:
    vectors = unit_float16(np.array([[1, 0], [0, 1]], np.float32))
    centre = kmeans(vectors, KMeansSettings(1, 5, 256, 0)).vectors
    assert np.allclose(centre, np.sqrt(0.5), atol=1e-3)


def test_the_objective_rises_over_the_run() -> None:
    objective = kmeans(some_units(2000, 16), KMeansSettings(30, 10, 256, 0)).objective
    assert len(objective) == 5  # of ten iterations the first five are on half of the sample
    assert (np.diff(objective) > 0).all()


def test_the_objective_is_as_high_as_that_of_faiss_on_the_whole_sample() -> None:
    sample = some_units(4000, 24)
    model = faiss.Kmeans(24, 50, niter=10, spherical=True, seed=0, max_points_per_centroid=4000)
    model.train(sample.astype(np.float32))
    mine = kmeans(sample, KMeansSettings(50, 10, 256, 0)).vectors
    reached = [cosines(sample, c).max(axis=1).sum() for c in (unit_float16(model.centroids), mine)]
    assert reached[1] > 0.99 * reached[0]


def test_bytes_are_the_same_at_any_thread_count() -> None:
    rows = generator(0, "kmeans-test").standard_normal((3000, 64)).astype(np.float32)
    vectors = unit_float16(rows)
    settings = KMeansSettings(40, 8, 256, 3)
    with threadpool_limits(2):
        two = kmeans(vectors, settings)
    with threadpool_limits(1):
        one = kmeans(vectors, settings)
    assert two.vectors.tobytes() == one.vectors.tobytes()
    assert two.objective == one.objective


def test_more_clusters_than_documents_are_lowered() -> None:
    vectors = unit_float16(np.eye(3, dtype=np.float32))
    assert len(kmeans(vectors, KMeansSettings(10, 5, 256, 0)).vectors) == 3


def test_equal_documents_do_not_break_it() -> None:
    vectors = np.repeat(unit_float16(np.array([[1, 2, 3]], np.float32)), 20, axis=0)
    assert np.isfinite(kmeans(vectors, KMeansSettings(4, 5, 256, 0)).vectors).all()


def test_nothing_to_cluster_is_refused() -> None:
    with pytest.raises(SettingError, match="0 sampled documents"):
        kmeans(np.zeros((0, 3), np.float16), KMeansSettings(2, 5, 256, 0))


def test_a_sample_depends_on_the_documents_alone() -> None:
    ids = generator(0, "ids").integers(0, 2**63, 1000).astype(np.uint64)
    settings = KMeansSettings(5, 1, 20, 0)
    chosen = sample_rows(ids, np.ones(1000, bool), settings)
    assert len(chosen) == 100
    order = generator(1, "order").permutation(1000)
    shuffled = sample_rows(ids[order], np.ones(1000, bool), settings)
    assert set(ids[chosen]) == set(ids[order][shuffled])
    assert len(sample_rows(ids, np.arange(1000) < 7, settings)) == 7


def test_gather_returns_the_wanted_rows_in_order() -> None:
    vectors, _ = planted_clusters(n_clusters=3, members=10)
    wanted = np.array([2, 11, 29])
    assert np.array_equal(gather(Blocks(vectors, 7), wanted), vectors[wanted])
    beyond = np.append(wanted, len(vectors) + 5)
    assert np.array_equal(gather(Blocks(vectors, 7), beyond), vectors[wanted]), "of those that there are"
    assert gather(Blocks(vectors, 7), beyond[-1:]).shape[0] == 0
    assert gather(Blocks(vectors, 7), wanted[:0]).shape[0] == 0

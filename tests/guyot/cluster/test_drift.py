"""Drift: unseen documents of the same kind do not drift, others do, and a small sample raises no alarm."""

import numpy as np
import pytest
from support.corpus import planted_clusters, some_units

from guyot.cluster.assign import assign
from guyot.cluster.drift import distance_counts, largest_gap, left_out_distances
from guyot.errors import ArrayError
from guyot.vectors.exact import unit_float16


def test_each_document_is_left_out_as_a_naive_loop_does() -> None:
    sample = some_units(300, 8)
    cluster = np.array([i % 7 for i in range(300)], np.int32)
    cluster[5] = 9  # alone, above clusters that are empty
    found = left_out_distances(sample, cluster)
    for row in range(300):
        others = [sample[i].astype(np.float64) for i in range(300) if cluster[i] == cluster[row] and i != row]
        if not others:
            assert np.isnan(found[row])
            continue
        mean, own = np.mean(others, axis=0), sample[row].astype(np.float64)
        assert found[row] == pytest.approx(
            1 - own @ mean / np.linalg.norm(own) / np.linalg.norm(mean), abs=1e-12
        )


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    sample, cluster = some_units(100, 8), np.arange(100, dtype=np.int32) // 30
    whole = left_out_distances(sample, cluster)
    monkeypatch.setattr("guyot.cluster.drift._BLOCK_ROWS", 7)
    assert np.allclose(left_out_distances(sample, cluster), whole, atol=1e-14)


def test_unseen_documents_of_the_same_kind_are_as_far_as_those_left_out() -> None:
    vectors, planted = planted_clusters(12, 60, spread=1.2)
    seen = np.arange(len(vectors)) % 6 == 0  # ten of each cluster: few, so the centroids lie close to them
    sample, cluster = vectors[seen], planted[seen].astype(np.int32)
    means = np.stack([sample[cluster == c].astype(np.float32).mean(axis=0) for c in range(12)])
    centroids = unit_float16(means)
    unseen = distance_counts(assign(vectors[~seen], centroids).distance)
    left_out = largest_gap(distance_counts(left_out_distances(sample, cluster)), unseen)
    naive = largest_gap(distance_counts(assign(sample, centroids).distance), unseen)
    assert left_out < 0.15 < naive
    strange = distance_counts(assign(some_units(200, 32), centroids).distance)
    assert largest_gap(distance_counts(left_out_distances(sample, cluster)), strange) > 0.8


def test_the_gap_is_that_of_the_cumulative_shares() -> None:
    assert largest_gap(np.array([1, 0, 1]), np.array([0, 2, 0])) == 0.5
    assert largest_gap(np.array([3, 0]), np.array([0, 1])) == 1.0
    assert largest_gap(np.array([3, 1]), np.array([30, 10])) == 0.0


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ArrayError, match="0 and 1 distances"):
        largest_gap(np.array([0, 0]), np.array([1, 0]))
    with pytest.raises(ArrayError, match="3 rows have 2 clusters"):
        left_out_distances(some_units(3, 4), np.zeros(2, np.int32))
    assert left_out_distances(np.zeros((0, 4), np.float16), np.zeros(0, np.int32)).shape == (0,)

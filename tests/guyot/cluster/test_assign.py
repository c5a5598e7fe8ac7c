"""Assignment is exact: by hand, against a naive loop, and in any blocking."""

import numpy as np
import pytest
from support.corpus import planted_clusters, some_units

from guyot.cluster.assign import NO_CLUSTER, assign
from guyot.errors import ArrayError
from guyot.vectors.exact import unit_float16


def test_assignment_by_hand() -> None:
    centroids = unit_float16(np.array([[1, 0], [0, 1], [-1, 0]], np.float32))
    found = assign(unit_float16(np.array([[2, 1], [-1, 2]], np.float32)), centroids)
    assert found.cluster.tolist() == [0, 1]
    assert found.second_cluster.tolist() == [1, 2]
    assert np.allclose(found.distance, 1 - 2 / np.sqrt(5), atol=1e-3)
    assert np.allclose(found.second_distance, 1 - 1 / np.sqrt(5), atol=1e-3)


def test_assignment_equals_a_naive_loop() -> None:
    vectors, centroids = some_units(60, 24, 1), some_units(9, 24, 2)
    found = assign(vectors, centroids)
    wide, centre = vectors.astype(np.float64), centroids.astype(np.float64)
    for row in range(60):
        cosine = [wide[row] @ c / (np.sqrt(wide[row] @ wide[row]) * np.sqrt(c @ c)) for c in centre]
        order = np.argsort(-np.array(cosine))
        assert (found.cluster[row], found.second_cluster[row]) == tuple(order[:2])
        assert np.isclose(found.distance[row], 1 - cosine[order[0]], atol=1e-6)


@pytest.mark.parametrize("block_rows", [1, 7, 64, 1000])
def test_blocking_changes_nothing(block_rows: int) -> None:
    vectors, _ = planted_clusters(n_clusters=5, members=31)
    centroids = some_units(12, vectors.shape[1], 3)
    whole, blocked = assign(vectors, centroids), assign(vectors, centroids, block_rows=block_rows)
    for name in ("cluster", "distance", "second_cluster", "second_distance"):
        assert np.array_equal(getattr(whole, name), getattr(blocked, name))


def test_ties_go_to_the_lower_cluster() -> None:
    one = unit_float16(np.array([[1, 0]], np.float32))
    found = assign(one, np.repeat(one, 3, axis=0))
    assert (found.cluster[0], found.second_cluster[0], found.distance[0]) == (0, 1, 0)


def test_a_single_centroid_has_no_second() -> None:
    one = unit_float16(np.array([[1, 0]], np.float32))
    found = assign(one, one)
    assert found.second_cluster[0] == NO_CLUSTER
    assert np.isnan(found.second_distance[0])


def test_no_documents_are_no_error() -> None:
    assert len(assign(np.zeros((0, 4), np.float16), some_units(2, 4)).cluster) == 0


def test_widths_must_agree() -> None:
    with pytest.raises(ArrayError, match="same width"):
        assign(some_units(3, 5), some_units(2, 4))

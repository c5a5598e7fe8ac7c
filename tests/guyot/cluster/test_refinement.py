"""Exact iterations: by hand, those of a naive float64 loop, the same bits in any threads, none left empty."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.corpus import some_units
from support.near_ties import naive_cosines, near_ties

from guyot.cluster import refinement as module
from guyot.cluster.refinement import refined, sums_of
from guyot.seeds import generator
from guyot.vectors import threads
from guyot.vectors.exact import unit_float16
from guyot.vectors.screen import UnitRows


def naive(rows: NDArray[np.float16], centroids: NDArray[np.float16], iterations: int) -> NDArray[np.float16]:
    """Move centroids that are all nearest to something, row by row."""
    for _ in range(iterations):
        nearest = naive_cosines(rows, centroids).argmax(axis=1)
        moved = []
        for number in range(len(centroids)):
            members = rows[nearest == number].astype(np.float64)
            total = [math.fsum(column) for column in members.T]
            moved.append([value / math.sqrt(sum(v * v for v in total)) for value in total])
        centroids = np.array(moved).astype(np.float32).astype(np.float16)
    return centroids


def test_it_is_the_naive_one() -> None:
    rows = some_units(300, 12, 1)
    found = refined(UnitRows.measured(rows), rows[:7], 4)
    assert found.vectors.tobytes() == naive(rows, rows[:7], 4).tobytes()
    assert found.nearest.tolist() == naive_cosines(rows, found.vectors).argmax(axis=1).tolist()


def test_the_objective_is_the_sum_of_the_products_with_the_centroids_before() -> None:
    rows = some_units(300, 12, 1)
    found = refined(UnitRows.measured(rows), rows[:7], 1)
    nearest = naive_cosines(rows, rows[:7]).argmax(axis=1)
    products = (rows.astype(np.float64) * rows[:7].astype(np.float64)[nearest]).sum()
    assert found.objective == pytest.approx((products,), rel=1e-12)


def test_it_ends_where_nothing_moves() -> None:
    rows = np.repeat(np.eye(3, dtype=np.float16), 5, axis=0)
    found = refined(UnitRows.measured(rows), np.eye(3, dtype=np.float16), 50)
    assert found.objective == (15.0,)
    assert found.vectors.tolist() == np.eye(3).tolist()


def test_an_empty_one_divides_the_widest_cluster() -> None:
    far = unit_float16(np.array([[-1.0, 0.0, 0.0]], np.float32))
    rows = unit_float16(
        np.array([[1, 0.3, 0], [1, 0.2, 0], [1, -0.2, 0], [1, -0.3, 0], *[[0, 0, 1]] * 9], np.float32)
    )
    found = refined(UnitRows.measured(rows), np.concatenate([rows[2:3], rows[4:5], far]), 1)
    assert sorted(np.bincount(found.nearest[:4], minlength=3).tolist()) == [0, 2, 2]
    assert set(found.nearest[4:].tolist()) == {1}


def test_kinds_of_copies_that_begin_together_are_told_apart() -> None:
    kinds = np.eye(4, dtype=np.float16)
    rows = np.repeat(kinds, [40, 40, 120, 40], axis=0)
    begun = kinds[[0, 2, 2, 0]]  # two kinds have no centroid, and two centroids have no rows
    found = refined(UnitRows.measured(rows), begun, 6)
    assert sorted(np.bincount(found.nearest, minlength=4).tolist()) == [40, 40, 40, 120]
    assert sorted(found.vectors.tolist()) == sorted(kinds.tolist())


def test_equal_rows_and_rows_that_cancel_out_give_unit_vectors() -> None:
    equal = np.repeat(some_units(1, 8), 20, axis=0)
    opposed = np.array([[1, 0], [-1, 0]], np.float16)
    for rows, begun in ((equal, equal[:5]), (opposed, np.array([[0, 1]], np.float16))):
        found = refined(UnitRows.measured(rows), begun, 3).vectors
        assert np.allclose(np.linalg.norm(found.astype(np.float64), axis=1), 1, atol=2e-3)


@pytest.mark.parametrize("n_cores", [1, 3])
def test_threads_and_parts_change_no_bit(monkeypatch: pytest.MonkeyPatch, n_cores: int) -> None:
    rows = near_ties(400, 12, 3)
    expected = refined(UnitRows.measured(rows), rows[:90], 4)
    monkeypatch.setattr(threads, "n_cores", lambda: n_cores)
    monkeypatch.setattr(module, "_CLUSTERS_AT_ONCE", 7)
    found = refined(UnitRows.measured(rows), rows[:90], 4)
    assert found.vectors.tobytes() == expected.vectors.tobytes()
    assert found.objective == expected.objective


@given(st.integers(0, 80), st.integers(1, 9), st.integers(1, 16), st.integers(0, 20))
def test_sums_are_those_of_a_loop(n: int, k: int, width: int, seed: int) -> None:
    rows = near_ties(n, width, seed)
    cluster = generator(seed, "clusters").integers(0, k, n)
    expected = np.zeros((k, width))
    for row, number in zip(rows, cluster, strict=True):
        expected[number] += row
    assert sums_of(rows, cluster, k).tobytes() == expected.tobytes()


def test_a_centroid_of_no_row_goes_to_the_farthest_row() -> None:
    rows = np.repeat(np.eye(2, dtype=np.float16), [100, 3], axis=0)
    found = refined(UnitRows.measured(rows), rows[:2], 1)
    assert found.vectors[1].tolist() == [0, 1]

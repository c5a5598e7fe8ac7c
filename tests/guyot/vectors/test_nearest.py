"""The two nearest are those of a naive float64 loop, to the bit: ties, copies, near ties, any blocks and threads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.corpus import some_units
from support.near_ties import in_bytes, naive_cosines, near_ties

from guyot.vectors import nearest as module
from guyot.vectors import threads
from guyot.vectors.nearest import nearest_two
from guyot.vectors.screen import UnitRows


def check_two(vectors: NDArray[np.float16], centroids: NDArray[np.float16], block_rows: int) -> None:
    similarity = naive_cosines(vectors, centroids)
    order = np.argsort(-similarity, axis=1, kind="stable")[:, :2]
    found = nearest_two(UnitRows.measured(vectors), UnitRows.measured(centroids), block_rows=block_rows)
    for place in range(min(2, len(centroids))):
        value, number = found[place]
        assert number.tolist() == order[:, place].tolist()
        assert value.tobytes() == similarity[np.arange(len(vectors)), order[:, place]].tobytes()


@given(st.integers(0, 60), st.integers(1, 30), st.integers(1, 64), st.integers(0, 40), st.integers(1, 70))
def test_they_are_the_naive_ones(n: int, k: int, width: int, seed: int, block_rows: int) -> None:
    check_two(near_ties(n, width, seed), near_ties(k, width, seed), block_rows)


@given(st.integers(1, 60), st.integers(3, 30), st.integers(1, 64), st.integers(0, 40), st.integers(1, 70))
def test_bytes_change_nothing(n: int, k: int, width: int, seed: int, block_rows: int) -> None:
    with in_bytes():
        check_two(near_ties(n, width, seed), near_ties(k, width, seed), block_rows)


@pytest.mark.parametrize("n_cores", [1, 3])
def test_parts_and_threads_change_nothing(monkeypatch: pytest.MonkeyPatch, n_cores: int) -> None:
    monkeypatch.setattr(threads, "n_cores", lambda: n_cores)
    monkeypatch.setattr(module, "ROUGH_ELEMENTS", 32)
    check_two(near_ties(90, 12, 3), near_ties(9, 12, 4), 16)
    with in_bytes():
        check_two(near_ties(90, 12, 3), near_ties(9, 12, 4), 16)


def test_few_rows_are_compared_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    def count(cosine: NDArray[np.float32]) -> object:
        compared.append(len(cosine))
        return real(cosine)

    real = module.two_highest
    monkeypatch.setattr(module, "two_highest", count)
    check_two(some_units(400, 48, 1), some_units(30, 48, 2), 100)
    assert sum(compared) < 8


def test_a_single_one_leaves_no_second() -> None:
    rows, one = UnitRows.measured(some_units(3, 4)), UnitRows.measured(some_units(1, 4))
    assert nearest_two(rows, one)[1][1].tolist() == [-1, -1, -1]


@pytest.mark.parametrize("width", [2, 3, 4])
def test_rounding_that_reaches_its_bound_hides_nothing(width: int) -> None:
    with in_bytes():
        check_two(some_units(300, width, 1), some_units(200, width, 2), 1024)

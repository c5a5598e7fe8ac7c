"""The nearest one is that of a naive float64 loop: ties, copies, near ties, any blocks, threads and bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.corpus import some_units
from support.near_ties import in_bytes, naive_cosines, near_ties

from guyot.vectors import nearest_one as module
from guyot.vectors import threads
from guyot.vectors.nearest_one import nearest_one
from guyot.vectors.screen import UnitRows


def check_one(vectors: NDArray[np.float16], centroids: NDArray[np.float16], block_rows: int) -> None:
    expected = naive_cosines(vectors, centroids).argmax(axis=1)
    found = nearest_one(UnitRows.measured(vectors), UnitRows.measured(centroids), block_rows=block_rows)
    assert found.tolist() == expected.tolist()


@given(st.integers(0, 60), st.integers(1, 30), st.integers(1, 64), st.integers(0, 40), st.integers(1, 70))
def test_it_is_the_naive_one(n: int, k: int, width: int, seed: int, block_rows: int) -> None:
    check_one(near_ties(n, width, seed), near_ties(k, width, seed), block_rows)


@given(st.integers(1, 60), st.integers(3, 30), st.integers(1, 64), st.integers(0, 40))
def test_bytes_change_nothing(n: int, k: int, width: int, seed: int) -> None:
    with in_bytes():
        check_one(near_ties(n, width, seed), near_ties(k, width, seed), 16)


@pytest.mark.parametrize("n_cores", [1, 3])
def test_parts_and_threads_change_nothing(monkeypatch: pytest.MonkeyPatch, n_cores: int) -> None:
    monkeypatch.setattr(threads, "n_cores", lambda: n_cores)
    monkeypatch.setattr(module, "ROUGH_ELEMENTS", 32)
    check_one(near_ties(90, 12, 3), near_ties(9, 12, 4), 16)


def test_few_rows_are_compared_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    real = UnitRows.exact

    def count(rows: UnitRows, some: NDArray[np.int64]) -> NDArray[np.float64]:
        compared.append(len(some))
        return real(rows, some)

    monkeypatch.setattr(UnitRows, "exact", count)
    monkeypatch.setattr(module, "candidate_search", lambda *_: None)
    check_one(some_units(400, 48, 1), some_units(30, 48, 2), 100)
    assert sum(compared) < 8

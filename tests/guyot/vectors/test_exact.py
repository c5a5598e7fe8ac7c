"""Exactness is the claim: same bits in any blocking, and equal to rational arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import ArrayError
from guyot.vectors.exact import check_unit, cosines, lengths, pair_cosines, unit_float16


def some_units(n: int, d: int, seed: int = 0) -> np.ndarray:
    rows = np.random.Generator(np.random.PCG64(seed)).standard_normal((n, d))
    return unit_float16(rows.astype(np.float32))


def test_products_equal_rational_arithmetic() -> None:
    block = some_units(6, 384)
    products = block.astype(np.float64) @ block.astype(np.float64).T
    for i, j in [(0, 1), (2, 2), (5, 3)]:
        exact = sum(Fraction(float(a)) * Fraction(float(b)) for a, b in zip(block[i], block[j], strict=True))
        assert Fraction(float(products[i, j])) == exact


@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 40), st.integers(0, 9))
def test_cosines_do_not_depend_on_blocking(n: int, m: int, block: int, seed: int) -> None:
    rows, others = some_units(n, 48, seed), some_units(m, 48, seed + 1)
    whole = cosines(rows, others)
    parts = [
        np.hstack([cosines(rows[i : i + block], others[j : j + 7]) for j in range(0, m, 7)])
        for i in range(0, n, block)
    ]
    assert np.array_equal(np.vstack(parts), whole)
    assert np.array_equal(cosines(others, rows).T, whole)


def test_a_vector_has_cosine_one_with_itself() -> None:
    block = some_units(300, 384)
    assert np.all(np.diag(cosines(block, block)) == 1.0)


def test_stored_rows_are_of_unit_length() -> None:
    assert np.abs(lengths(some_units(100, 384)) - 1).max() < 1e-3


def test_rows_without_direction_are_refused_with_their_number() -> None:
    with pytest.raises(ArrayError, match=r"1 of 2 rows have no direction \(row 1"):
        unit_float16(np.array([[1, 0], [0, 0]], np.float32))
    with pytest.raises(ArrayError, match="row 0 has length nan"):
        unit_float16(np.array([[np.nan, 0]], np.float32))
    with pytest.raises(ArrayError, match="1 dimensions"):
        unit_float16(np.ones(3, np.float32))


def test_check_unit_names_the_row_that_is_off() -> None:
    with pytest.raises(ArrayError, match="row 1 is off by 1"):
        check_unit(np.array([[1, 0], [2, 0]], np.float16), "rows")
    with pytest.raises(ArrayError, match="float32"):
        check_unit(np.eye(2, dtype=np.float32), "rows")


def test_pair_cosines_have_the_bits_of_cosines() -> None:
    rows, others = some_units(40, 384, 1), some_units(40, 384, 2)
    assert pair_cosines(rows, others).tobytes() == np.diagonal(cosines(rows, others)).tobytes()
    assert pair_cosines(rows[:0], others[:0]).shape == (0,)

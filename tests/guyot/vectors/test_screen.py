"""The bound on what float32 rounds holds, and is tight enough to be of use."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.corpus import some_units
from support.near_ties import naive_cosines, near_ties

from guyot.vectors import screen
from guyot.vectors.exact import pair_cosines
from guyot.vectors.screen import UnitRows, rounding_error


@given(st.integers(1, 40), st.integers(1, 64), st.integers(0, 40))
def test_rough_cosines_are_within_the_bound(n: int, width: int, seed: int) -> None:
    rows = UnitRows.measured(near_ties(n, width, seed))
    rough = rows.scaled(slice(None)) @ rows.scaled(np.arange(n)).T
    exact = naive_cosines(rows.vectors, rows.vectors)
    assert np.abs(rough.astype(np.float64) - exact).max() <= rows.error


def test_the_bound_is_for_rows_of_any_length() -> None:
    half = some_units(20, 32) * np.float16(0.5)  # not what is stored, but what is known of unchecked rows
    rows = UnitRows.measured(half)
    rough = rows.scaled(slice(None)) @ rows.scaled(slice(None)).T
    assert np.abs(rough - naive_cosines(half, half)).max() <= rows.error


def test_the_bound_grows_with_the_width_and_is_small() -> None:
    assert rounding_error(8) < rounding_error(384) < 2.4e-5


def test_rows_that_are_not_kept_are_scaled_alike(monkeypatch) -> None:
    rows, again = UnitRows.measured(some_units(30, 8)), UnitRows.measured(some_units(30, 8))
    monkeypatch.setattr(screen, "_BLOCK_ROWS", 7)
    kept = rows.scaled(slice(3, 20))
    monkeypatch.setattr(screen, "_CACHED_BYTES", 0)
    assert again.scaled(np.arange(3, 20)).tobytes() == kept.tobytes()


def test_exact_pairs_are_those_of_the_vectors(monkeypatch) -> None:
    monkeypatch.setattr(screen, "_BLOCK_ROWS", 7)
    one, two = near_ties(40, 24, 1), near_ties(40, 24, 2)
    order = np.arange(40)[::-1]
    found = UnitRows.measured(one).pair_cosines(np.arange(40), UnitRows.measured(two), order)
    assert found.tobytes() == pair_cosines(one, two[order]).tobytes()

"""Products of rows in bytes are no farther from the cosines than they say."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.corpus import some_units
from support.near_ties import naive_cosines, near_ties

from guyot.vectors.byte_rows import ByteRows, own_steps, to_bytes, with_one_step
from guyot.vectors.exact import unit_float16
from guyot.vectors.screen import UnitRows


def products(one: ByteRows, other: ByteRows) -> np.ndarray:
    wide = [(rows.codes.astype(np.float64) * rows.step[:, None].astype(np.float64)) for rows in (one, other)]
    return wide[0] @ wide[1].T


@given(st.integers(1, 40), st.integers(1, 80), st.integers(0, 40))
def test_products_are_within_their_error(n: int, width: int, seed: int) -> None:
    vectors, others = near_ties(n, width, seed), near_ties(9, width, seed + 1)
    own = to_bytes(
        UnitRows.measured(vectors).scaled(slice(None)),
        own_steps(UnitRows.measured(vectors).scaled(slice(None))),
    )
    one_step = with_one_step(UnitRows.measured(others))
    off = np.abs(products(own, one_step) - naive_cosines(vectors, others))
    assert (off.max(axis=1) <= own.error(one_step)).all()
    off = np.abs(products(one_step, one_step) - naive_cosines(others, others))
    assert off.max() <= one_step.most_error


def test_what_a_row_loses_is_its_distance_from_its_code() -> None:
    rows = np.array([[0.6, -0.8], [1, 0]], np.float32)
    found = to_bytes(rows, np.array([0.1, 0.1], np.float32))
    assert found.codes.tolist() == [[6, -8], [10, 0]]
    assert (found.lost < 2e-6).all()
    found = to_bytes(rows, np.array([0.4, 0.4], np.float32))  # .6 and -.8 are 1.5 and -2 steps
    assert found.codes.tolist() == [[2, -2], [2, 0]]
    np.testing.assert_allclose(found.lost, [0.2, 0.2], atol=2e-6)


def test_a_few_large_coordinates_widen_no_other_row_s_step() -> None:
    ordinary = some_units(3000, 64)
    odd = unit_float16(np.eye(1, 64, dtype=np.float32))
    alone, beside = (
        with_one_step(UnitRows.measured(rows)) for rows in (ordinary, np.concatenate([ordinary, odd]))
    )
    assert beside.step[0] <= alone.step[0] * 1.05
    assert (beside.codes[-1] == [127] + [0] * 63).all()
    assert beside.lost[-1] > 0.3  # and its own bound says so
    assert beside.lost[:-1].max() < 0.03

"""Rotated rows bound every cosine from above, tightly where vectors lie along few directions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.corpus import some_units
from support.near_ties import naive_cosines, near_ties

from guyot.seeds import generator
from guyot.vectors import rotation as module
from guyot.vectors.exact import unit_float16
from guyot.vectors.rotation import principal_rotation, worthwhile_heads
from guyot.vectors.screen import UnitRows


@given(st.integers(1, 40), st.integers(1, 64), st.integers(0, 40), st.integers(1, 64))
def test_products_of_heads_are_above_every_cosine(n: int, width: int, seed: int, first: int) -> None:
    rows = UnitRows.measured(near_ties(n, width, seed))
    heads = principal_rotation(UnitRows.measured(rows.vectors[: n // 2 + 1]), min(first, width)).heads(rows)
    bound = (heads.matrix @ heads.matrix.T).astype(np.float64) + heads.error
    assert (bound >= naive_cosines(rows.vectors, rows.vectors)).all()


def test_directions_that_are_not_quite_at_right_angles_bound_too() -> None:
    rows = UnitRows.measured(some_units(50, 12))
    right = principal_rotation(rows, 6)
    bent = right.directions + generator(0, "bent").standard_normal((12, 6)) * 1e-4
    defect = float(np.linalg.norm(bent.T @ bent - np.eye(6)))
    heads = module.Rotation(bent, defect).heads(rows)
    bound = (heads.matrix @ heads.matrix.T).astype(np.float64) + heads.error
    assert (bound >= naive_cosines(rows.vectors, rows.vectors)).all()


def few_directions(n: int, width: int) -> UnitRows:
    """Return rows whose i-th coordinate deviates by 1 / i, turned so that no axis is one of theirs."""
    draw = generator(0, "few directions")
    turn = np.linalg.qr(draw.standard_normal((width, width)))[0]
    rows = (draw.standard_normal((n, width)) / np.arange(1, width + 1)) @ turn
    return UnitRows.measured(unit_float16(rows.astype(np.float32)))


def test_all_directions_bound_tightly_and_the_first_bound_nearly_so() -> None:
    rows = few_directions(200, 48)
    exact = naive_cosines(rows.vectors, rows.vectors)
    for first, least, most in ((48, 0, 3e-4), (8, 1e-3, 0.3)):
        matrix = principal_rotation(rows, first).heads(rows).matrix
        assert least <= np.median(matrix @ matrix.T - exact) < most


def test_rows_are_rotated_where_it_spares_work_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MIN_PAIRS", 1000**2)
    rows, alike, every = few_directions(1500, 256), UnitRows.measured(some_units(1500, 256)), np.arange(1500)
    for limit in (None, 0.9):
        assert worthwhile_heads(rows, every, every, limit, whole_width=256) is not None
        assert worthwhile_heads(rows, every[:9], every, limit, whole_width=256) is None
    assert worthwhile_heads(alike, every, every, whole_width=256) is None

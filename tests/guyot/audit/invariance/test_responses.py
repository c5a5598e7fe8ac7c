"""Invariance and alignment are those of naive loops and of cases done by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.audit.invariance import responses as module
from guyot.audit.invariance.responses import response
from guyot.errors import ArrayError


def rows(n: int, width: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, width))


def measured(original: np.ndarray, transformed: np.ndarray) -> module.Response:
    return response(original, transformed, draws=50, stream=np.random.default_rng(1))


def test_what_does_not_move_is_invariant_and_what_becomes_another_is_not() -> None:
    some = rows(40, 16, 0)
    still = measured(some, 3 * some)
    assert still.median.value == pytest.approx(1, abs=1e-6)
    assert np.abs(still.distance).max() < 1e-12
    assert np.isnan(still.alignment)
    swapped = measured(some, np.roll(some, 1, axis=0))
    assert abs(swapped.median.value) < 0.2
    opposite = measured(some, -some)
    assert opposite.distance == pytest.approx(2)
    assert opposite.median.value < -0.5


@given(st.integers(3, 7), st.integers(1, 9), st.integers(0, 30))
def test_they_are_the_naive_ones_where_all_others_are_compared(n: int, width: int, seed: int) -> None:
    original, transformed = rows(n, width, seed), rows(n, width, seed + 100)
    found = measured(original, transformed)

    def cosine(one: np.ndarray, other: np.ndarray) -> float:
        return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))

    for i in range(n):
        d = 1 - cosine(original[i], transformed[i])
        b = np.mean([1 - cosine(original[i], transformed[j]) for j in range(n) if j != i])
        assert found.distance[i] == pytest.approx(d, abs=1e-9)
        assert found.invariance[i] == pytest.approx((b - d) / (b + 1e-8), rel=1e-6, abs=1e-6)
    unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (original, transformed)]
    moved = unit[1] - unit[0]
    if np.linalg.norm(moved, axis=1).min() > 1e-6:
        pairs = [cosine(moved[i], moved[j]) for i in range(n) for j in range(n) if i != j]
        assert found.alignment == pytest.approx(np.mean(pairs), abs=1e-6)


def test_a_common_direction_is_aligned_and_its_control_is_not() -> None:
    some = rows(200, 64, 3)
    some /= np.linalg.norm(some, axis=1, keepdims=True)
    found = measured(some, some + 0.5 * np.eye(64)[0])
    assert found.alignment > 0.5
    assert abs(found.alignment_control) < 0.2
    assert found.median.low <= found.median.value <= found.median.high
    assert found.n == 200


def test_vectors_that_say_nothing_are_refused() -> None:
    some, dead = rows(5, 4, 0), np.zeros((5, 4))
    with pytest.raises(
        ArrayError, match=r"5 of 5 transformed vectors have no direction \(row 0 has length 0\)"
    ):
        measured(some, dead)
    with pytest.raises(ArrayError, match="not alive"):
        measured(np.full((5, 4), np.nan), some)
    with pytest.raises(ArrayError, match="3 at least"):
        measured(some[:2], some[:2])
    with pytest.raises(ArrayError, match="same documents"):
        measured(some, some[:4])

"""Widening is exact, for every finite number, in new memory and in memory that is there."""

import numpy as np
import pytest

from guyot.vectors import widening as module
from guyot.vectors.widening import float32_into, float32_of


def test_widening_is_exact_for_every_finite_number() -> None:
    every = np.arange(65536, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    for numbers in (finite.reshape(2, -1), finite.reshape(2, -1)[:, ::3]):  # side by side in memory or not
        assert float32_of(numbers).tobytes() == numbers.astype(np.float32).tobytes()  # zeros with their sign


def test_where_small_numbers_are_flushed_to_zero_widening_casts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MIN_FLOAT32", np.zeros(1, np.float32))
    small = np.array([[6e-8, -3e-5, 0.5]], np.float16)
    assert float32_of(small).tobytes() == small.astype(np.float32).tobytes()


def test_memory_that_is_there_is_written() -> None:
    numbers = np.array([[0.5, -6e-8], [1, 2], [3, 4]], np.float16)
    out = np.full((4, 2), 7, np.float32)
    float32_into(numbers, out[:3])
    assert out.tolist() == [*numbers.astype(np.float32).tolist(), [7, 7]]

"""Bounds: both ends included, each side its reason, other kinds pass."""

import numpy as np
import pytest

from guyot.cut import after, nothing_dropped
from guyot.errors import SettingError
from guyot.prune.bounds import INSIDE, Bounds, bounds_scores


def test_both_bounds_are_inside() -> None:
    values = np.array([1.0, 2.0, 3.5, 5.0, 9.0])
    scores = bounds_scores(values, np.ones(5, bool), Bounds("lines", at_least=2, at_most=5))
    assert scores.values.tolist() == [-1, 0, 0, 0, -4]
    cut = after(nothing_dropped(5), "bounds", scores, scores.values >= INSIDE)
    assert [cut.reasons[r] for r in cut.reason[[0, 4]]] == ["low_lines", "high_lines"]


def test_only_the_named_kinds_are_asked() -> None:
    scores = bounds_scores(np.array([9.0, 9.0]), np.array([True, False]), Bounds("lines", at_most=5))
    assert scores.values.tolist() == [-4, 0]


def test_bounds_that_cut_nothing_or_everything_are_refused() -> None:
    with pytest.raises(SettingError, match="at_least=None, at_most=None"):
        Bounds("words")
    with pytest.raises(SettingError, match="at_least=3, at_most=2"):
        Bounds("words", at_least=3, at_most=2)

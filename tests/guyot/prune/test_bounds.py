"""Bounds: both ends included, each side its reason, other kinds pass."""

import numpy as np
import pytest

from guyot.cut import nothing_dropped
from guyot.decision import after
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.prune import prune
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


def test_a_document_without_a_value_is_inside() -> None:
    scores = bounds_scores(np.array([np.nan, 0.1, 0.4]), np.ones(3, bool), Bounds("clip_score", at_least=0.3))
    assert scores.values.tolist() == pytest.approx([0, -0.2, 0])


def test_a_signal_that_no_document_has_is_refused() -> None:
    documents = Documents(np.arange(3, dtype=np.uint64), None, {"clip_score": np.full(3, np.nan)})
    with pytest.raises(SettingError, match=r"none of 3 documents has a value; .*encoding\.caption_model"):
        prune(documents, (Bounds("clip_score", at_least=0.3),), target_fraction=None, unit="documents")

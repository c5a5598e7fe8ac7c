"""Lengths by hand, in every measure and direction."""

import numpy as np
import pytest

from guyot.cut import PruneRequest, nothing_dropped, take
from guyot.decision import after
from guyot.documents import Documents
from guyot.prune.length import Length, length_scores

DOCUMENTS = Documents(
    np.arange(2, dtype=np.uint64),
    np.array([b"a", b"b"], "S32"),
    {"tokens": np.array([3, 1]), "bytes": np.array([10, 20]), "lines": np.array([5, 4])},
)
REQUEST = PruneRequest(np.ones(2, np.int64), np.ones(2, bool), 1)


@pytest.mark.parametrize(
    ("step", "expected", "reason"),
    [
        (Length(), [-3, -1], "long"),
        (Length(measure="bytes"), [-10, -20], "long"),
        (Length(measure="lines"), [-5, -4], "long"),
        (Length(drop="shortest"), [3, 1], "short"),
    ],
)
def test_lengths_by_hand(step: Length, expected: list[int], reason: str) -> None:
    scores = step.scores(DOCUMENTS, REQUEST)
    assert scores.values.tolist() == expected
    assert scores.reason == reason


def test_each_kind_loses_the_same_share() -> None:
    tokens = np.array([1, 2, 3, 4, 100, 200, 300, 400])
    kind = np.array([0, 0, 0, 0, 1, 1, 1, 1], np.int32)
    asked = PruneRequest(np.ones(8, np.int64), np.ones(8, bool), 4)
    scores = length_scores(tokens, Length(per_kind=True), kind, asked)
    assert np.flatnonzero(take(scores, asked.weights, asked.alive, 4)).tolist() == [0, 1, 4, 5]
    cut = after(nothing_dropped(8), "length", scores, take(scores, asked.weights, asked.alive, 4))
    assert cut.threshold.tolist() == [-2] * 4 + [-200] * 4
    plain = length_scores(tokens, Length(), kind, asked)
    assert np.flatnonzero(take(plain, asked.weights, asked.alive, 4)).tolist() == [0, 1, 2, 3]

"""Lengths by hand, in every measure and direction."""

import numpy as np
import pytest

from guyot.prune.length import Length, length_scores

TOKENS, BYTES, LINES = np.array([3, 1]), np.array([10, 20]), np.array([5, 4])


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
    scores = length_scores(TOKENS, BYTES, LINES, step)
    assert scores.values.tolist() == expected
    assert scores.reason == reason

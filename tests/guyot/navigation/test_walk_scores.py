"""Scores of walks: worked out by hand, and what cannot be scored."""

import numpy as np
import pytest

from guyot.errors import ArrayError
from guyot.navigation.walk_scores import walk_scores
from guyot.navigation.walks import Walk

WALLS = np.ones((5, 5), bool)
WALLS[1, 1:4] = WALLS[1:4, 3] = False


def walk(text: str, start: tuple[int, int], heading: int) -> Walk:
    actions = np.array([{"F": 0, "B": 0, "L": 1, "R": 2}[letter] for letter in text], np.uint8)
    return Walk(WALLS, start, heading, (3, 3), actions, np.array([letter == "B" for letter in text]))


def test_scores_are_those_worked_out_by_hand() -> None:
    walks = [
        walk("FFRFF", (1, 1), 1),
        walk("BLFFRFF", (1, 1), 2),  # a bump and turns, and a way that is none longer
        walk("LL", (1, 1), 1),  # nowhere
        walk("FRRFFRFF", (2, 1), 3),  # 5 moves where 3 do
    ]
    found = walk_scores(walks, np.array([4, 4, 4, 3]))
    assert (found.n, found.success, found.actions) == (4, 3 / 4, (5 + 7 + 2 + 8) / 4)
    assert found.spl == pytest.approx((1 + 1 + 0 + 3 / 5) / 4)


def test_what_cannot_be_scored_is_refused() -> None:
    with pytest.raises(ArrayError, match="0 walks"):
        walk_scores([], np.zeros(0, np.int32))
    with pytest.raises(ArrayError):
        walk_scores([walk("FFRFF", (1, 1), 1)], np.array([4, 4]))

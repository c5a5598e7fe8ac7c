"""When a curve reaches a loss: by hand, and against a fine grid of the same polygon."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import ArrayError
from guyot.train.learning_curve import tokens_to_reach

TOKENS = np.array([0, 100, 200, 400])


@pytest.mark.parametrize(
    ("losses", "target", "tokens"),
    [
        ([9.0, 5.0, 3.0, 1.0], 4.0, 150.0),
        ([9.0, 5.0, 3.0, 1.0], 1.5, 350.0),
        ([9.0, 5.0, 3.0, 1.0], 1.0, 400.0),
        ([9.0, 5.0, 3.0, 1.0], 0.9, None),
        ([9.0, 5.0, 3.0, 1.0], 9.5, 0.0),
        ([9.0, 3.0, 5.0, 1.0], 4.0, 500 / 6),  # the first time, though it rises again
        ([9.0, 3.0, 3.0, 3.0], 3.0, 100.0),
    ],
)
def test_the_first_crossing_by_hand(losses: list[float], target: float, tokens: float | None) -> None:
    assert tokens_to_reach(TOKENS, np.array(losses), target) == pytest.approx(tokens)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), st.integers(-3, 63))
def test_the_polygon_is_above_the_target_before_and_at_it_there(losses: list[int], target: int) -> None:
    tokens = np.arange(len(losses)) * 10
    found = tokens_to_reach(tokens, np.array(losses, float), target)
    grid = np.linspace(0, tokens[-1], 60 * (len(losses) - 1) + 1)  # with every point
    drawn = np.interp(grid, tokens, losses)
    below = grid[drawn <= target + 1e-9]
    if found is None:
        assert not len(below)
    else:
        assert np.interp(found, tokens, losses) == pytest.approx(min(target, losses[0]))
        assert below[0] >= found - 1e-6
        assert (drawn[grid < found - 1e-6] > target).all()


@pytest.mark.parametrize(
    ("tokens", "losses"), [([], []), ([1, 2], [1.0]), ([2, 2], [1.0, 2.0]), ([3, 2], [1.0, 2.0])]
)
def test_what_is_no_curve_is_refused(tokens: list[int], losses: list[float]) -> None:
    with pytest.raises(ArrayError, match="as many losses as tokens"):
        tokens_to_reach(np.array(tokens), np.array(losses), 1.0)

"""Barriers: worked out by hand, and 0 where the loss between two models is no hill."""

import numpy as np
import pytest

from guyot.errors import ArrayError, EvaluationError
from guyot.train.soups import barrier

ENDS = {"w": np.array([0.0])}, {"w": np.array([4.0])}


def test_the_height_is_above_the_line_between_the_ends() -> None:
    losses = {0.0: 1.0, 1.0: 2.0, 2.0: 5.0, 3.0: 4.0, 4.0: 3.0}
    found = barrier(*ENDS, lambda weights: losses[float(weights["w"][0])], 5)
    assert found.positions.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert found.losses.tolist() == [1, 2, 5, 4, 3]
    assert found.height == 3.0  # 5 - (1 + 3) / 2


def test_a_valley_has_no_barrier() -> None:
    assert barrier(*ENDS, lambda weights: (float(weights["w"][0]) - 2) ** 2).height == 0


def test_known_ends_are_not_measured_again() -> None:
    asked: list[float] = []

    def loss(weights):
        asked.append(float(weights["w"][0]))
        return 1.0

    found = barrier(*ENDS, loss, 3, ends=(0.5, 0.5))
    assert asked == [2.0]
    assert found.losses.tolist() == [0.5, 1.0, 0.5]
    assert found.height == 0.5


def test_two_points_and_losses_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ArrayError, match="points=2 of a line"):
        barrier(*ENDS, lambda weights: 0.0, 2)
    with pytest.raises(EvaluationError, match=r"1 of 3 losses between two models are not finite \(at 0.5"):
        barrier(*ENDS, lambda weights: float("inf") if weights["w"][0] == 2 else 0.0, 3)

"""Greedy soups: the paper's recipe by hand, ties kept, and never below the best ingredient."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import EvaluationError
from guyot.train.soups import greedy, uniform


def models(*values: float) -> list[dict[str, np.ndarray]]:
    return [{"w": np.array([float(value)])} for value in values]


def nearness(goal: float):
    return lambda weights: -abs(float(weights["w"][0]) - goal)


def test_by_hand() -> None:
    # alone: 4 is at 1, 8 at 3, 1 at 4, 20 at 15; (4 + 8) / 2 = 6 is at 1, a tie, so it stays;
    # (4 + 8 + 1) / 3 = 4.33 at .67, stays; with 20 it is 8.25 at 3.25, goes
    soup = greedy(models(20, 8, 4, 1), nearness(5))
    assert soup.ingredients == (2, 1, 3)
    assert [(t.ingredient, t.added) for t in soup.trials] == [(2, True), (1, True), (3, True), (0, False)]
    assert [t.alone for t in soup.trials] == [-1, -3, -4, -15]
    assert [t.score for t in soup.trials] == pytest.approx([-1, -1, -2 / 3, -3.25])
    assert soup.score == soup.trials[2].score
    assert soup.weights["w"][0] == np.float32(13 / 3)


def test_equal_scores_are_tried_in_the_order_given() -> None:
    assert [t.ingredient for t in greedy(models(3, 1, 3, 1), nearness(2)).trials] == [0, 1, 2, 3]


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.integers(0, 5))
def test_it_is_never_below_the_best_ingredient_and_scores_what_it_is(values: list[float], seed: int) -> None:
    noise = np.random.default_rng(seed).standard_normal(1000)

    def rough(weights):  # any function will do
        return float(noise[int(abs(weights["w"][0]) * 7) % 1000])

    found = models(*values)
    soup = greedy(found, rough)
    assert soup.score >= max(rough(uniform([model])) for model in found)
    assert soup.score == rough(soup.weights)
    assert len(soup.trials) == len(values)
    assert np.array_equal(soup.weights["w"], uniform([found[i] for i in soup.ingredients])["w"])


def test_a_score_that_is_not_finite_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="score is nan where ingredient 2 was tried"):
        greedy(models(1, 2), lambda weights: float("nan") if weights["w"][0] == 2 else 0.0)

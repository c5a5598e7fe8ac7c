"""The greedy soup: an ingredient stays where it does not make the average worse on held-out data."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from guyot.errors import EvaluationError
from guyot.train.soups.averaging import Weights, uniform
from guyot.train.soups.ingredients import check_alike

Score = Callable[[Mapping[str, NDArray[Any]]], float]


@dataclass(frozen=True)
class Trial:
    """One ingredient that was tried.

    ingredient : its place among those given
    alone : its score by itself
    score : of the soup with it
    added : whether it stayed
    """

    ingredient: int
    alone: float
    score: float
    added: bool


@dataclass(frozen=True)
class GreedySoup:
    """A greedy soup: its weights and score, and every trial in order, the best ingredient first."""

    weights: Weights
    score: float
    trials: tuple[Trial, ...]

    @property
    def ingredients(self) -> tuple[int, ...]:
        """The places of the ingredients that it averages, the best first."""
        return tuple(trial.ingredient for trial in self.trials if trial.added)


def greedy(ingredients: Sequence[Mapping[str, NDArray[Any]]], score: Score) -> GreedySoup:
    """Average the ingredients that do not make the soup worse: recipe 1 of the paper.

    Ingredients are tried from the highest score by itself down, those of equal scores as they were given.
    One is added if the average with it scores as much as the one without, or more.

    Parameters
    ----------
    ingredients : named arrays, float[...] of any width, of each model; of the same names and shapes
    score : of weights on held-out data, higher is better, finite: an accuracy, or minus a loss. Decide
        by data that nothing is reported of, since the choice fits them.

    Returns
    -------
    GreedySoup; its score is the best ingredient's or higher, by construction

    Raises
    ------
    ArrayError : models that do not go together, see `check_alike`.
    EvaluationError : a score that is not finite.

    Notes
    -----
    Scores 2n - 1 models for n ingredients. The authors' code adds where the score is strictly higher; their
    paper, and this, where it is no lower. The average is made anew for each trial (`uniform`), so it is
    that of its ingredients to the bit, and not a running mean's.

    Examples
    --------
    >>> import numpy as np
    >>> models = [{"w": np.array([x])} for x in (1.0, 5.0, -2.0)]
    >>> soup = greedy(models, lambda weights: -abs(float(weights["w"][0])))
    >>> soup.ingredients, soup.score
    ((0, 2), -0.5)
    """
    check_alike(ingredients)
    alone = [_checked(score(uniform([one])), place) for place, one in enumerate(ingredients)]
    order = sorted(range(len(ingredients)), key=lambda place: -alone[place])
    chosen, reached = [order[0]], alone[order[0]]
    trials = [Trial(order[0], reached, reached, True)]
    for place in order[1:]:
        found = _checked(score(uniform([ingredients[i] for i in (*chosen, place)])), place)
        added = found >= reached
        trials.append(Trial(place, alone[place], found, added))
        if added:
            chosen, reached = [*chosen, place], found
    return GreedySoup(uniform([ingredients[i] for i in chosen]), reached, tuple(trials))


def _checked(score: float, ingredient: int) -> float:
    """Refuse a score that decides nothing."""
    if not math.isfinite(score):
        raise EvaluationError(
            f"the held-out score is {score} where ingredient {ingredient + 1} was tried; leave out models "
            "whose training diverged"
        )
    return float(score)

"""What each step of a recipe dropped, and how far the steps agree: what each would drop by itself."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.kmeans import KMeansSettings
from guyot.cut import Cut
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.prune import names_of, prune
from guyot.prune.density import Density
from guyot.prune.prototypes import Prototypes
from guyot.prune.scip import SCIP
from guyot.recipe import Recipe


@dataclass(frozen=True)
class StepAccount:
    """What one step did.

    step : its name
    dropped, dropped_tokens : documents that it dropped, after the steps before it, and their tokens
    alone : documents that it would drop from the whole by itself; None where it could not
    shared : of these, how many another step of the recipe would drop by itself too
    """

    step: str
    dropped: int
    dropped_tokens: int
    alone: int | None
    shared: int | None


def account(documents: Documents, recipe: Recipe, cut: Cut, clustering: KMeansSettings) -> list[StepAccount]:
    """Account for each step of a recipe.

    Parameters
    ----------
    cut : what the recipe did to the documents

    Notes
    -----
    For a recipe of several steps each is applied once more, to the whole: about the recipe's own cost.
    """
    apart = [_alone(documents, recipe, number, cut, clustering) for number in range(len(recipe.steps))]
    told: list[StepAccount] = []
    for number, name in enumerate(names_of(recipe.steps)):
        dropped = cut.step == number
        mine = apart[number]
        others = [mask for place, mask in enumerate(apart) if place != number and mask is not None]
        shared = None if mine is None else int((mine & np.any([*others, np.zeros_like(mine)], axis=0)).sum())
        told.append(
            StepAccount(
                name,
                int(dropped.sum()),
                int(documents.tokens[dropped].sum()),
                None if mine is None else int(mine.sum()),
                shared,
            )
        )
    return told


def _alone(
    documents: Documents, recipe: Recipe, number: int, cut: Cut, clustering: KMeansSettings
) -> NDArray[np.bool_] | None:
    """Say what one step would drop by itself: with the recipe's target the last, the others by their own."""
    if len(recipe.steps) == 1:
        return ~cut.kept
    fraction = recipe.target_fraction if number == len(recipe.steps) - 1 else None
    step = recipe.steps[number]
    try:
        return ~prune(
            documents, (step,), target_fraction=fraction, unit=recipe.unit, clustering=clustering
        ).kept
    except SettingError:  # such as quotas that the whole cannot meet
        return None


def opposed(recipe: Recipe) -> str:
    """Say whether steps of a recipe pull in opposite directions on the distance; empty where not.

    Examples
    --------
    >>> opposed(Recipe("far", (Density(keep_fraction=0.5), SCIP()), 0.3))[:45]
    'density keeps documents far from their centro'
    """
    far = [s.method for s in recipe.steps if isinstance(s, Density) or _keeps(s, "hard")]
    near = [s.method for s in recipe.steps if isinstance(s, SCIP) or _keeps(s, "easy")]
    if not far or not near:
        return ""
    return (
        f"{' and '.join(far)} keeps documents far from their centroid, {' and '.join(near)} drops them: "
        "what is left is neither's choice; apply them in recipes of their own, and see how far these agree"
    )


def _keeps(step: object, side: str) -> bool:
    """Say whether a step keeps that side of the distance."""
    return isinstance(step, Prototypes) and step.keep == side

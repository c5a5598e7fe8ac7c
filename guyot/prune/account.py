"""What each step of a recipe dropped, and how far the steps agree: what each would drop by itself."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.kmeans import KMeansSettings
from guyot.columns import TOKENS
from guyot.cut import Cut
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.prune import kept_by, names_of
from guyot.prune.step import Facts
from guyot.recipe import Recipe


@dataclass(frozen=True)
class StepAccount:
    """What one step did.

    step : its name
    dropped, dropped_tokens : documents that it dropped, after the steps before it, and their tokens; None
        where the documents came without tokens
    alone : documents that it would drop from the whole by itself, see `StepMethod.on_all_documents`; None
        where it could not
    shared : of these, how many another step of the recipe would drop by itself too
    """

    step: str
    dropped: int
    dropped_tokens: int | None
    alone: int | None
    shared: int | None


def account(
    documents: Documents, recipe: Recipe, cut: Cut, clustering: KMeansSettings | None = None
) -> list[StepAccount]:
    """Account for each step of a recipe.

    Parameters
    ----------
    cut : what the recipe did to the documents

    Notes
    -----
    Each step after the first is applied once more, to the whole: at most the recipe's own cost. One that
    clusters again goes by the clusters that the documents came with.
    """
    by_itself = [_alone(documents, recipe, number, cut, clustering) for number in range(len(recipe.steps))]
    accounts: list[StepAccount] = []
    for number, name in enumerate(names_of(recipe.steps)):
        dropped = cut.step == number
        this_step = by_itself[number]
        others = [mask for place, mask in enumerate(by_itself) if place != number and mask is not None]
        shared = None if this_step is None else _count_shared(this_step, others)
        accounts.append(
            StepAccount(
                name,
                int(dropped.sum()),
                _tokens(documents, dropped),
                None if this_step is None else int(this_step.sum()),
                shared,
            )
        )
    return accounts


def _count_shared(dropped: NDArray[np.bool_], others: list[NDArray[np.bool_]]) -> int:
    """Count what is dropped of which others drop something too."""
    by_another = np.zeros_like(dropped)
    for mask in others:
        by_another |= mask
    return int(np.count_nonzero(dropped & by_another))


def _tokens(documents: Documents, dropped: NDArray[np.bool_]) -> int | None:
    """Count the tokens of some documents, where they are known."""
    if TOKENS.name not in documents.columns:
        return None
    return int(documents.require(TOKENS)[dropped].sum())


def _alone(
    documents: Documents, recipe: Recipe, number: int, cut: Cut, clustering: KMeansSettings | None
) -> NDArray[np.bool_] | None:
    """Find what one step would drop alone: the last with the recipe's target, others with their own."""
    if number == 0:  # nothing was dropped before it
        return cut.step == 0
    fraction = recipe.target_fraction if number == len(recipe.steps) - 1 else None
    step = recipe.steps[number].on_all_documents
    try:
        return ~kept_by(documents, step, target_fraction=fraction, unit=recipe.unit, clustering=clustering)
    except SettingError:  # such as quotas that the whole cannot meet
        return None


def opposed(recipe: Recipe) -> str:
    """Return a warning if steps of a recipe prefer opposite distances; empty if not.

    Examples
    --------
    >>> from guyot.prune.density import Density
    >>> from guyot.prune.scip import SCIP
    >>> opposed(Recipe("far", (Density(keep_fraction=0.5), SCIP()), 0.3))[:45]
    'density keeps documents far from their centro'
    """
    far = [step.method for step in recipe.steps if step.keeps_side == "far"]
    near = [step.method for step in recipe.steps if step.keeps_side == "near"]
    if not far or not near:
        return ""
    return (
        f"{' and '.join(far)} keeps documents far from their centroid, {' and '.join(near)} drops them: "
        "what is left is neither's choice; apply them in recipes of their own, and see how far these agree"
    )


def warnings(recipe: Recipe, audits: Mapping[str, Facts | None]) -> list[str]:
    """Return the warnings about a recipe: steps that oppose one another, and what audits found.

    Parameters
    ----------
    audits : the facts of each table that steps name in their `audits`; None where it was not made yet

    Raises
    ------
    SettingError : a step refuses what an audit found.
    """
    found = [opposed(recipe), *(step.warning(audits) for step in recipe.steps)]
    return list(dict.fromkeys(text for text in found if text))


def count_uncovered(documents: Documents, recipe: Recipe, cut: Cut) -> int | None:
    """Count what steps dropped as duplicates with no document of the mixture near; None: no step does."""
    last = len(recipe.steps) - 1
    counts = [
        step.count_uncovered(
            documents, cut, number, by_target=number == last and recipe.target_fraction is not None
        )
        for number, step in enumerate(recipe.steps)
    ]
    found = [count for count in counts if count is not None]
    return sum(found) if found else None

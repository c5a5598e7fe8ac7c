"""The named recipes that come with the library: `guyot.Corpus.prune("d4")`, `guyot prune --recipe d4`.

A target is a fraction of the eligible documents, tokens or bytes, and is met exactly; without one every
step goes by its own limit. Recipes that drop copies stop where copies end: asked for more, they would go
on to documents that are merely alike.
"""

import dataclasses
from typing import get_args

from guyot.errors import SettingError
from guyot.prune import Step, Unit
from guyot.prune.bounds import Bounds
from guyot.prune.d4 import d4
from guyot.prune.density import Density
from guyot.prune.everything import Everything
from guyot.prune.exact import Exact
from guyot.prune.length import Length
from guyot.prune.minhash import MinHash
from guyot.prune.parses import Parses
from guyot.prune.prototypes import Prototypes
from guyot.prune.random import Random
from guyot.prune.scip import SCIP
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe

SELECTED_TOKENS = 0.7
DEDUPLICATED_DOCUMENTS = 0.9
DEDUPLICATED_TOKENS = 0.9
SCIP_DOCUMENTS = 0.8

NAMED: tuple[Recipe, ...] = (
    Recipe("everything", (Everything(),), 1.0),
    Recipe("random", (Random(),), SELECTED_TOKENS),
    Recipe(
        "clean",
        (
            Parses(),
            Bounds("words", at_least=10),
            Bounds("max_line", at_most=1000, kinds=("python",)),
            Bounds("alpha_fraction", at_least=0.25, kinds=("python",)),
            Bounds("duplicate_lines", at_most=0.7),
        ),
        None,
    ),
    Recipe("exact", (Exact(),), DEDUPLICATED_DOCUMENTS, "documents"),
    Recipe("minhash", (Exact(), MinHash()), None),
    Recipe("length", (Length(),), SELECTED_TOKENS),
    Recipe("semdedup", (SemDeDup(),), DEDUPLICATED_DOCUMENTS, "documents"),
    Recipe("cover", (Exact(), SemDeDup(mode="greedy_cover", duplicate_distance=0.05)), None),
    Recipe("prototypes", (Prototypes(),), SELECTED_TOKENS),
    Recipe("d4", d4(SELECTED_TOKENS), SELECTED_TOKENS),
    Recipe("scip", (SCIP(),), SCIP_DOCUMENTS, "documents"),
    Recipe("density", (SemDeDup(keep_fraction=DEDUPLICATED_TOKENS), Density()), SELECTED_TOKENS),
)


def recipe_of(recipe: str | Step | Recipe, keep: float | None = None, unit: Unit | None = None) -> Recipe:
    """Return the recipe of a name, a step or a recipe, with another target if one is given.

    Parameters
    ----------
    recipe : a name of NAMED, a step such as SemDeDup(), or a recipe
    keep : share to keep, above 0, at most 1; None: the recipe's own target, for a step none
    unit : what the share is of; None: the recipe's own unit, or with `keep`, and for a step, documents

    Raises
    ------
    SettingError : no recipe has that name, there is no such unit, or keep is out of range.

    Examples
    --------
    >>> recipe_of("d4", 0.5).target_fraction, recipe_of("d4", 0.5).unit, recipe_of("d4").unit
    (0.5, 'documents', 'tokens')
    """
    if unit is not None and unit not in get_args(Unit):
        raise SettingError(f"unit {unit!r} was asked for; choose from {', '.join(get_args(Unit))}")
    if isinstance(recipe, str):
        by_name = {one.name: one for one in NAMED}
        if recipe not in by_name:
            raise SettingError(f"recipe {recipe!r} was asked for; choose from {', '.join(by_name)}")
        recipe = by_name[recipe]
    if not isinstance(recipe, Recipe):
        recipe = Recipe(recipe.method, (recipe,), None, "documents")
    if keep is None:
        return recipe if unit is None else dataclasses.replace(recipe, unit=unit)
    return dataclasses.replace(recipe, target_fraction=keep, unit=unit or "documents")

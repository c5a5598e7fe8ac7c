"""The library's named recipes, and how a name, a step or a recipe becomes what is applied."""

import pytest

import recipes
from guyot.errors import SettingError
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe
from guyot.recipes import NAMED, recipe_of


def test_the_graph_has_the_librarys_recipes() -> None:
    assert recipes.RECIPES[: len(NAMED)] == NAMED
    assert len({recipe.name for recipe in NAMED}) == len(NAMED)


def test_a_name_without_a_target_is_the_recipe_itself() -> None:
    assert all(recipe_of(recipe.name) is recipe for recipe in NAMED)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("semdedup", 0.5), (0.5, "documents")),
        (("d4", 0.5), (0.5, "documents")),
        (("d4", 0.5, "bytes"), (0.5, "bytes")),
        (("d4", None, "documents"), (0.7, "documents")),
        ((SemDeDup(duplicate_distance=0.1),), (None, "documents")),
        ((SemDeDup(), 0.25, "tokens"), (0.25, "tokens")),
        ((Recipe("mine", (SemDeDup(),), 0.9, "bytes"),), (0.9, "bytes")),
        ((Recipe("mine", (SemDeDup(),), 0.9, "bytes"), 0.3), (0.3, "documents")),
    ],
)
def test_target_and_unit(asked: tuple, expected: tuple) -> None:
    found = recipe_of(*asked)
    assert (found.target_fraction, found.unit) == expected


def test_what_cannot_be_applied_is_refused() -> None:
    with pytest.raises(
        SettingError, match="recipe 'd5' was asked for; choose from everything, random, .*, d4"
    ):
        recipe_of("d5")
    with pytest.raises(
        SettingError, match="unit 'words' was asked for; choose from documents, tokens, bytes"
    ):
        recipe_of("d4", 0.5, "words")
    with pytest.raises(SettingError, match="target_fraction=1.5"):
        recipe_of("d4", 1.5)

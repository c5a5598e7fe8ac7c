"""Recipes are data: strict to read, and equal exactly when their fingerprints are."""

import pytest

from guyot.errors import SettingError
from guyot.prune.length import Length
from guyot.prune.random import Random
from guyot.recipe import Recipe
from recipes import RECIPES


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_named_recipes_come_back_from_json(recipe: Recipe) -> None:
    assert Recipe.from_json(recipe.to_json()) == recipe


def test_fingerprints_tell_recipes_apart_but_not_by_name() -> None:
    assert len({recipe.fingerprint() for recipe in RECIPES}) == len(RECIPES)
    first, second = (Recipe(name, (Random(),), 0.5) for name in ("a", "b"))
    assert first.fingerprint() == second.fingerprint()
    assert first.fingerprint() != Recipe("a", (Random(seed=1),), 0.5).fingerprint()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"name": "a", "steps": [{"method": "random", "sed": 1}], "target_fraction": 0.5}', "sed"),
        ('{"name": "a", "steps": [{"method": "magic"}], "target_fraction": 0.5}', "magic"),
        ('{"name": "a", "steps": [], "target_fraction": 0.5, "extra": 1}', "extra"),
        ("{", "the top"),
    ],
)
def test_what_is_not_a_recipe_is_refused_at_its_place(text: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        Recipe.from_json(text)


def test_a_recipe_checks_its_fields() -> None:
    with pytest.raises(SettingError, match=r"target_fraction=1\.5"):
        Recipe("a", (Length(),), 1.5)
    with pytest.raises(SettingError, match="0 steps"):
        Recipe("a", (), 0.5)
    with pytest.raises(SettingError, match="a/b"):
        Recipe("a/b", (Length(),), 0.5)

"""Every partition of the graph: shards come and go, recipes and seeds are written in recipes.py."""

import dagster as dg

from recipes import RECIPES, SEEDS

SHARDS = dg.DynamicPartitionsDefinition(name="shards")
RECIPE_KEYS = dg.StaticPartitionsDefinition([recipe.name for recipe in RECIPES])
RUNS = dg.MultiPartitionsDefinition(
    {"recipe": RECIPE_KEYS, "seed": dg.StaticPartitionsDefinition([str(seed) for seed in SEEDS])}
)
BY_NAME = {recipe.name: recipe for recipe in RECIPES}
ONE_RUN = dg.BackfillPolicy.single_run()


def runs(keys: list[str]) -> list[tuple[str, int]]:
    """Split partition keys recipe|seed."""
    pairs = (key.split("|") for key in keys)
    return [(recipe, int(seed)) for recipe, seed in pairs]

"""Every partition of the graph: shards come and go, recipes and seeds are written in recipes.py."""

from typing import Any

import dagster as dg

from guyot.scenes.blocks import BLOCKS
from recipes import RECIPES, SEEDS, TRAINED
from resources.lake.manifest import WHOLE
from resources.navigation.named_policies import NAMES

SHARDS = dg.DynamicPartitionsDefinition(name="shards")
BY_NAME = {recipe.name: recipe for recipe in RECIPES}
# those that are trained come first: partitions side by side are one run of Dagster's
_TRAINED_FIRST = [name for name in dict.fromkeys((*TRAINED, *BY_NAME)) if name in BY_NAME]
RECIPE_KEYS = dg.StaticPartitionsDefinition(_TRAINED_FIRST)
RUNS = dg.MultiPartitionsDefinition(
    {"recipe": RECIPE_KEYS, "seed": dg.StaticPartitionsDefinition([str(seed) for seed in SEEDS])}
)
SCENE_BLOCKS = dg.StaticPartitionsDefinition(list(BLOCKS))
NAV_POLICIES = dg.StaticPartitionsDefinition(list(NAMES))
ONE_RUN = dg.BackfillPolicy.single_run()


def dagster_key(key: str) -> str | None:
    """Return Dagster's partition of a lake's: recipe|seed for recipe/seed; None for the only one.

    Examples
    --------
    >>> dagster_key("d4/0"), dagster_key("all")
    ('d4|0', None)
    """
    return None if key == WHOLE else key.replace("/", "|")


def lake_key(key: str | None) -> str:
    """Return the lake's partition of Dagster's.

    Examples
    --------
    >>> lake_key("d4|0"), lake_key(None)
    ('d4/0', 'all')
    """
    return WHOLE if key is None else key.replace("|", "/")


def split_run(key: str) -> tuple[str, int]:
    """Split the lake's key of a run into its recipe and seed.

    Examples
    --------
    >>> split_run("d4/0")
    ('d4', 0)
    """
    recipe, _, seed = key.rpartition("/")
    return recipe, int(seed)


def word_of(partitions_def: "dg.PartitionsDefinition[Any] | None") -> str:
    """Return what the partitions are, in a word or three."""
    if partitions_def is None:
        return "nothing"
    words = {
        SHARDS: "shard", RECIPE_KEYS: "recipe", RUNS: "recipe and seed", SCENE_BLOCKS: "block of scenes",
        NAV_POLICIES: "policy",
    }  # fmt: skip
    return {id(known): word for known, word in words.items()}[id(partitions_def)]

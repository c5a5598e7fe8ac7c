"""Which assets and recipes are of a lake's documents, that is of texts or of images."""

from assets.graph import discover
from assets.graph.lake import LakeResources
from guyot.columns import PARSES
from guyot.recipe import Recipe
from resources.setting_groups import TEXT


def absent(lake: LakeResources) -> frozenset[str]:
    """Name the assets that are not of a lake's documents: they are not built, and nothing of them is read."""
    return frozenset(name for name, asset in discover.assets().items() if not asset.fits(lake))


def suits(recipe: Recipe, lake: LakeResources) -> bool:
    """Return whether a recipe is cut unless it is asked for by name.

    One that looks at the syntax of code, or at an audit that is absent, is of no lake of images.
    """
    needs = {need.name for step in recipe.steps for need in step.needs}
    looks_at_code = PARSES.name in needs and lake.settings.reading.documents != TEXT
    return not looks_at_code and not set(recipe.audits) & absent(lake)

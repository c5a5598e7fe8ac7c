"""Which assets, recipes and settings are of a lake's documents, that is of texts or of images."""

from collections.abc import Callable, Mapping
from typing import Any

from assets.graph import discover
from assets.graph.lake import LakeResources
from guyot.columns import PARSES
from guyot.recipe import Recipe
from resources.setting_groups import IMAGE, TEXT


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


def settings_by_documents(
    *, text: tuple[str, ...], image: tuple[str, ...]
) -> Callable[[LakeResources, str], Mapping[str, Any]]:
    """Return what `lake_asset` takes as `settings_of`: other settings in lakes of other documents.

    Parameters
    ----------
    text, image : names of the settings that enter a version in such a lake
    """

    def settings_of(lake: LakeResources, key: str) -> Mapping[str, Any]:
        return lake.settings.select(*(image if lake.settings.reading.documents == IMAGE else text))

    return settings_of

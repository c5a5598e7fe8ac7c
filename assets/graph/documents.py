"""Which assets, recipes and settings are of a lake's documents: of texts, of images or of episodes."""

from collections.abc import Callable, Mapping
from typing import Any

from assets.graph import discover
from assets.graph.lake import LakeResources
from guyot.columns import PARSES
from guyot.recipe import Recipe
from resources.setting_groups import EPISODE, IMAGE, TEXT


def absent(lake: LakeResources) -> frozenset[str]:
    """Name the assets that are not of a lake's documents: they are not built, and nothing of them is read."""
    return frozenset(name for name, asset in discover.assets().items() if not asset.fits(lake))


def suits(recipe: Recipe, lake: LakeResources) -> bool:
    """Return whether a recipe is cut unless it is asked for by name.

    One that looks at the syntax of code is of texts alone. One whose table or audit is absent, such as the
    pairs of MinHash, or how the encoder answers corrupted code, is of no such lake.
    """
    needs = {need.name for step in recipe.steps for need in step.needs}
    looks_at_code = PARSES.name in needs and lake.settings.reading.documents != TEXT
    return not looks_at_code and not {*recipe.audits, *recipe.tables} & absent(lake)


def settings_by_documents(
    *, text: tuple[str, ...], image: tuple[str, ...], episode: tuple[str, ...] = ()
) -> Callable[[LakeResources, str], Mapping[str, Any]]:
    """Return what `lake_asset` takes as `settings_of`: other settings in lakes of other documents.

    Parameters
    ----------
    text, image, episode : names of the settings that enter a version in such a lake
    """
    chosen = {TEXT: text, IMAGE: image, EPISODE: episode}

    def settings_of(lake: LakeResources, key: str) -> Mapping[str, Any]:
        return lake.settings.select(*chosen[lake.settings.reading.documents])

    return settings_of

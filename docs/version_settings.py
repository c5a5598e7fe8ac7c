"""Which settings enter the version of which asset: every declaration is asked with each setting changed."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any, get_args

from assets.graph import discover, plan
from assets.graph.asset import LakeAsset
from assets.graph.lake import LakeResources
from resources.lake.manifest import WHOLE
from resources.setting_groups import Documents
from resources.setting_names import field_of
from resources.settings import Settings


@cache
def settings() -> dict[str, list[str]]:
    """List, for each setting, the assets whose version it enters."""
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, list[str]] = {}
        before = {
            documents: _entering(_settings(Path(folder), documents)) for documents in get_args(Documents)
        }
        for name in Settings.names():
            changed = {
                asset
                for documents, entering in before.items()
                for asset, after in _entering(_settings(Path(folder), documents, changed=name)).items()
                if _differ(entering[asset], after)
            }
            found[name] = [
                asset.name for asset in discover.assets().values()
                if name in asset.settings or asset.name in changed
            ]  # fmt: skip
    return found


def _entering(given: Settings) -> dict[str, dict[str, Any]]:
    """Return what enters the version of each asset's partitions beside its inputs, by asset and partition."""
    lake = LakeResources(given)
    return {
        asset.name: {key: asset.version_settings(lake, key) for key in _keys(asset, lake)}
        for asset in discover.assets().values()
    }


def _differ(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Return whether a partition's version changes; that others are built changes no version."""
    return any(before[key] != after[key] for key in before.keys() & after.keys())


def _keys(asset: LakeAsset, lake: LakeResources) -> list[str]:
    """List the partitions of recipes and runs; of the shards one stands for all."""
    return [WHOLE] if asset.is_per_shard and asset.fits(lake) else plan.keys(asset, lake)


def _settings(folder: Path, documents: str, changed: str = "") -> Settings:
    """Return the default settings with one of them changed, and a model that is quickly hashed."""
    given: dict[str, Any] = {"encoder": str(_model(folder / "one", "1")), "reading.documents": documents}
    field = field_of(Settings, changed) if changed else None
    default, choices = (field.default, get_args(field.annotation)) if field else (None, ())
    if changed in ("encoder", "encoding.caption_model", "navigation.policy"):
        given[changed] = str(_model(folder / "other", "2"))
    elif changed == "encoding.pooling":
        given[changed] = "cls"
    elif choices:
        given[changed] = next(choice for choice in choices if choice != given.get(changed, default))
    elif isinstance(default, str):
        given[changed] = "changed"
    elif default is not None:
        given[changed] = default / 2 if isinstance(default, float) else default + 1
    return Settings.of(**given)


def _model(folder: Path, weights: str) -> Path:
    """Write what looks like a model directory."""
    folder.mkdir(exist_ok=True)
    for name in ("tokenizer.json", "preprocessor_config.json"):
        (folder / name).write_text("{}")
    (folder / "config.json").write_text('{"model_type": "guyot-navigation-policy"}')  # which episodes need
    (folder / "model.safetensors").write_text(weights)
    return folder

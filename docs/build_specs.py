"""What enters the version of each asset, found by asking the graph itself about a lake of one shard.

Every asset states in `spec` what it is made from. Here it is asked with a store that holds one of
everything, and again with each setting changed: a setting that changes the version enters it.
"""

import re
import tempfile
from functools import cache
from inspect import getsource
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, get_args

import pyarrow as pa

from assets.graph.build import BuildSpec
from assets.graph.plan import PHASES, REGISTRY, Lake
from assets.graph.snapshot import TABLES
from recipes import RECIPES, SEEDS
from resources.models.encoder import EncoderResource
from resources.setting_names import field_of
from resources.settings import Settings
from resources.sources import scan
from resources.sources.registry import Entry, table_of
from resources.storage.files import Files

_SHARD = "shard-00000"
_RECLUSTERING = [r.name for r in RECIPES if any(s.get("recluster") for s in r.to_dict()["steps"])]


class _OneOfEverything:
    """A store in which each table has one partition; it looks at nothing else."""

    def required(self, table: str, key: str = "all") -> Any:
        """Name a version of anything."""
        shards = {_SHARD: dict.fromkeys(TABLES, "version")}
        return SimpleNamespace(
            table=table, key=key, content=f"{table} content", version="version",
            facts={"snapshot": shards}, inputs={"raw_shards": "raw_shards content"},
        )  # fmt: skip

    current = required

    def manifest(self, table: str, key: str, _: str) -> Any:
        """Name a version, which is the one there is."""
        return self.required(table, key)

    def table(self, *_: Any, **__: Any) -> pa.Table:
        """Return a registry of one live file."""
        entry = Entry("", "a.py", "python", "a.py", "train", 1, "", "", "", "", shard=_SHARD)
        return table_of([entry])

    def partitions(self, table: str) -> list[str]:
        """List the one partition."""
        if table in TABLES:
            return [_SHARD]
        run = f"{RECIPES[0].name}/{SEEDS[0]}"
        return [run if table in ("training_runs", "evaluations") else RECIPES[0].name]

    def path(self, *_: str) -> str:
        """Name a file that is not there."""
        return ""

    root = "nowhere"
    files = Files(root)


@cache
def inputs() -> dict[str, list[str]]:
    """List, for each asset, the tables whose content enters its version."""
    with tempfile.TemporaryDirectory() as folder:
        found = _specs(_settings(Path(folder)))
    keys = {asset: dict.fromkeys(k.split("/")[0] for k in m.inputs) for asset, m in found.items()}
    return {REGISTRY: [], **{asset: list(names) for asset, names in keys.items()}}


@cache
def settings() -> dict[str, list[str]]:
    """List, for each setting, the assets whose version it enters by itself."""
    scanned = set(re.findall(r"self\.settings\.([\w.]*\w)", getsource(scan))) - {"lake"}
    with tempfile.TemporaryDirectory() as folder:
        before = _specs(_settings(Path(folder)))
        found: dict[str, list[str]] = {}
        for name in Settings.names():
            after = _specs(_settings(Path(folder), changed=name))
            hit = [asset for asset in before if before[asset].version != after[asset].version]
            found[name] = [REGISTRY] * (name in scanned) + hit
    return found


def _specs(settings: Settings) -> dict[str, BuildSpec]:
    """Ask every asset what one partition of it is made from."""
    store = cast(Any, _OneOfEverything())
    lake = Lake(settings, store, EncoderResource(settings=settings))
    recipes = _RECLUSTERING[:1] or [RECIPES[0].name]  # of the recipes, one that uses most settings
    return {phase.asset: next(iter(phase.specs(lake, recipes).values())) for phase in PHASES}


def _settings(folder: Path, changed: str = "") -> Settings:
    """Return the default settings with one of them changed, and a model that is quickly hashed."""
    given: dict[str, Any] = {"encoder": str(_model(folder / "one", "1"))}
    default = Settings.default(changed) if changed else None
    if changed == "encoder":
        given = {"encoder": str(_model(folder / "other", "2"))}
    elif changed == "encoding.pooling":
        given[changed] = "cls"
    elif get_args(field_of(Settings, changed).annotation if changed else None):
        given[changed] = next(v for v in get_args(field_of(Settings, changed).annotation) if v != default)
    elif isinstance(default, str):
        given[changed] = "changed"
    elif default is not None:
        given[changed] = default / 2 if isinstance(default, float) else default + 1
    return Settings.of(**given)


def _model(folder: Path, weights: str) -> Path:
    """Write what looks like a model directory."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_text(weights)
    return folder

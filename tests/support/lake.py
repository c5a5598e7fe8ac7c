"""One corpus, one set of tiny settings, and the lakes that are built of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from resources.setting_names import variable
from resources.settings import Settings

if TYPE_CHECKING:
    from assets.graph.build import Built
    from assets.graph.build_spec import BuildSpec
    from assets.graph.lake import LakeResources
    from assets.graph.reader import TableReader
    from assets.publish.database import Catalogue

GUYOT = str(Path(sysconfig.get_path("scripts")) / "guyot")
TINY = {
    "encoder": "hashing", "training.tokens": 2000, "training.batch_windows": 2, "training.window_tokens": 64,
    "training.model_width": 16, "training.model_layers": 1, "training.model_heads": 2, "tokenization.vocabulary_size": 300, "training.segment_tokens": 40, "training.seeds": 1,
    "audit.bootstrap_draws": 20, "reading.held_out_fraction": 0.2, "training.evaluation_tokens": 64, "reading.shard_bytes": 1500,
    "training.curve_tokens": 300, "training.curve_points": 4,
    "training.images": 60, "training.batch_images": 8, "training.image_side": 8, "training.image_width": 4, "training.curve_images": 8,
}  # fmt: skip
TRAINED = ("everything", "semdedup", "d4")


def write_corpus(source: Path) -> None:
    """Write packages of near-duplicates, copies, records with other columns, and what cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for package in range(12):
        folder = source / f"package{package:02d}"
        folder.mkdir(parents=True)
        for number in range(2):
            body = "\n".join(
                f"def f{number}_{i}(x):\n    return x * {package * i}" for i in range(3 + number)
            )
            (folder / f"module{number}.py").write_text(body)
        (folder / "copy.py").write_text("def shared():\n    return 'the same in every package'\n")
    (source / "package01" / "broken.py").write_text("def (:\n")
    (source / "package02" / "notes.md").write_text("# Ünïcode ✓\n" + "said twice\n" * 3 + "\tend")
    records = [json.dumps({"id": f"r{i}", "text": f"record {i} says {i * 7}", "n": i}) for i in range(12)]
    (source / "records.jsonl").write_text("\n".join([*records, '{"text": "cut in ha']))
    pq.write_table(pa.table({"content": [f"row {i} of a table" for i in range(6)]}), source / "t.parquet")
    (source / "latin.py").write_bytes(b"x = '\xe9\xff'\n")


def lake_at(root: Path | str, source: Path | str, **settings: Any) -> LakeResources:
    """Return a lake of tiny settings; nothing is built yet."""
    from assets.graph.lake import LakeResources
    from resources.settings import Settings

    return LakeResources(Settings.of(lake=str(root), source=str(source), **{**TINY, **settings}))


def copy_with_source(lake: LakeResources, root: Path) -> LakeResources:
    """Copy a finished lake, and its source, which can then be changed."""
    shutil.copytree(lake.settings.source, root / "source", copy_function=shutil.copy2)
    copy = lake_at(copy_of(lake, root / "lake").store.root, root / "source")
    scan(copy)  # copies have other times of change: they are looked at once, and make nothing stale
    return copy


def environment(lake: LakeResources, **more: str) -> dict[str, str]:
    """Return the environment that gives a process the lake's settings."""
    settings = {variable(name): str(value) for name, value in lake.settings.select(*Settings.names()).items()}
    return {**os.environ, **settings, **more}


def build_lake(
    lake: LakeResources, until: str | None = None, recipes: Sequence[str] | None = None
) -> LakeResources:
    """Scan the source and build what is stale up to an asset, in this process, without Dagster.

    Unlike `plan.until`, the catalogue is built only where it is the asset, or comes before it.

    Parameters
    ----------
    recipes : those that are cut and trained; all where none are given
    """
    from assets.graph import discover, plan
    from assets.graph.build import build_collecting_refusals, tasks
    from assets.graph.partitions import BY_NAME, lake_key

    scan(lake)
    names = plan.names()
    for name in names[1 : None if until is None else names.index(until) + 1]:
        asset = discover.asset(name)
        stale = [lake_key(key) for key in plan.stale(asset, lake, list(recipes or BY_NAME))]
        specs = asset.specs(lake, stale) if stale else {}
        workers = asset.workers(lake)
        list(lake.engine.map(build_collecting_refusals, tasks(asset, lake, specs), workers=workers))
    return lake


def scan(lake: LakeResources) -> None:
    """Look at the source files, as shard_registry does."""
    from assets.ingest.shard_registry import record

    before = lake.store.current("shard_registry")
    previous = lake.store.table(before) if before else None
    rule = before.facts["held_out"] if before else None
    record(lake, lake.sources.scan(previous, "2026-01-01T00:00:00+00:00", rule))


def materialize(
    lake: LakeResources, recipes: Sequence[str] | None = None, until: str | None = None
) -> list[str]:
    """Materialize what is stale of a lake through Dagster, in this process."""
    from assets.graph.partitions import BY_NAME
    from jobs.materialize import materialize_stale

    return materialize_stale(lake.settings, list(recipes or BY_NAME), until).assets


def graph_lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    """Return a lake of all mixtures and TRAINED runs, built once for all test processes; only read it."""
    base = tmp_path_factory.getbasetemp()
    base = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "graph-lake"
    lake = lake_at(base / "lake", base / "source")
    with FileLock(f"{base}.lock"):
        if not (base / "built").exists():
            write_corpus(base / "source")
            build_graph_lake(lake)
            (base / "built").touch()
    return lake


def build_graph_lake(lake: LakeResources) -> None:
    """Build what is missing or stale of all mixtures and TRAINED runs, and of all that follows."""
    build_lake(lake, until="epoch_schedules")
    build_lake(lake, until="evaluations", recipes=TRAINED)
    build_asset(lake, "model_soups", *TRAINED)  # which nobody wants without a warm-up
    build_lake(lake, recipes=TRAINED)


def copy_files(lake: LakeResources, folder: Path) -> None:
    """Copy the files of a lake, but for the event log and for what others try and remove beside it."""
    shutil.copytree(lake.store.root, folder, ignore=shutil.ignore_patterns(".dagster", ".writing"))


def copy_of(lake: LakeResources, folder: Path, **settings: Any) -> LakeResources:
    """Copy a lake to change or break it, and change settings."""
    copy_files(lake, folder)
    return lake_at(folder, Path(lake.settings.source), **settings)


def guyot(lake: LakeResources, *arguments: str, code: int = 0) -> str:
    """Run a verb of the command on a lake to its end; return what it prints on both channels."""
    done = subprocess.run(
        [GUYOT, *arguments], env=environment(lake), capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def catalogue_of(lake: LakeResources) -> Catalogue:
    """Return the catalogue of a lake, to be asked."""
    from assets.publish.database import Catalogue

    return Catalogue(lake.store)


def spec_of(lake: LakeResources, asset: str, key: str = "all") -> BuildSpec:
    """State what a partition of an asset is made from now."""
    from assets.graph import discover

    return discover.asset(asset).spec(lake, key)


def build_asset(lake: LakeResources, asset: str, *keys: str) -> list[Built]:
    """Build partitions of one asset, stale or not; those that are live are reused."""
    from assets.graph import discover
    from assets.graph.build import build_partition, tasks

    found = discover.asset(asset)
    return [build_partition(task) for task in tasks(found, lake, found.specs(lake, keys or ("all",)))]


def reader_of(lake: LakeResources) -> TableReader:
    """Return what reads every table of a lake."""
    from assets.graph import discover
    from assets.graph.reader import TableReader

    return TableReader(lake.store, "a test", frozenset(discover.assets()))

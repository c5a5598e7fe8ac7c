"""Finds versions that nothing needs any more, and removes them.

Needed are the live versions of live shards and of everything else, the snapshots that live scores and
mixtures are about, and all that any training run consumed: its schedule, its mixture, its tokenizer and
the documents and token counts of the mixture's snapshot. Runs and their evaluations are never removed.
"""

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

from resources.catalogue_tables import VIEWS
from resources.manifest import MANIFEST, WHOLE, Manifest
from resources.registry import live_shards
from resources.store import Store

RUNS = ("training_runs", "evaluations")
CONSUMED_OF_SNAPSHOT = ("raw_shards", "quality_signals")
_OF_SHARDS = frozenset(view.table for view in VIEWS if view.of_shards)
Name = tuple[str, str, str]


@dataclasses.dataclass(frozen=True)
class Garbage:
    """A version that nothing needs, or the files of a writer that died before its manifest."""

    table: str
    key: str
    version: str
    bytes: int
    whole: bool


def find(store: Store, *, older_than_seconds: float, now: float) -> list[Garbage]:
    """List what can be removed, sorted; a version that is younger is left, since a reader may hold it.

    Parameters
    ----------
    older_than_seconds : least age of a version's newest file
    now : time, in seconds since the epoch
    """
    keep, found = needed(store), list[Garbage]()
    for name, folder in _folders(store):
        files = [file.stat() for file in folder.iterdir()]
        young = any(now - file.st_mtime < older_than_seconds for file in files)
        if name not in keep and name[0] not in RUNS and not young:
            whole = (folder / MANIFEST).exists()
            found.append(Garbage(*name, bytes=sum(file.st_size for file in files), whole=whole))
    return sorted(found, key=lambda g: (g.table, g.key, g.version))


def remove(store: Store, garbage: Garbage) -> bool:
    """Remove a version if still nothing needs it: its manifest first, so that it is whole or absent.

    Returns
    -------
    Whether it was removed.
    """
    name = (garbage.table, garbage.key, garbage.version)
    if name in needed(store):
        return False
    pointer = Path(store.path(garbage.table, garbage.key, "current"))
    if pointer.exists() and pointer.read_text() == garbage.version:
        pointer.unlink()  # of a shard that is gone
    folder = Path(store.path(*name))
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder)
    return True


def needed(store: Store) -> set[Name]:
    """Name every version that something needs."""
    registry = store.current("shard_registry")
    shards = set(live_shards(store.table(registry))) if registry else set()
    keep: set[Name] = set()
    for table in sorted({name[0] for name, _ in _folders(store)}):
        for key in store.partitions(table):
            if table not in _OF_SHARDS or key in shards:
                live = store.required(table, key)
                keep.add((table, key, live.version))
                keep |= _snapshot(live)
    for (table, key, version), _ in _folders(store):
        run = store.manifest(table, key, version) if table == "training_runs" else None
        if run is not None:
            keep |= _consumed(store, run)
    return keep


def _consumed(store: Store, run: Manifest) -> set[Name]:
    """Name what a training run consumed."""
    record = store.table(run, columns=["tokenizer_version"]).to_pylist()[0]
    recipe = run.key.partition("/")[0]
    keep: set[Name] = {
        ("epoch_schedules", recipe, run.facts["schedule_version"]),
        ("pruned_mixtures", recipe, run.facts["mixture_version"]),
        ("tokenizer", WHOLE, record["tokenizer_version"]),
    }
    mixture = store.manifest("pruned_mixtures", recipe, run.facts["mixture_version"])
    if mixture is not None:
        keep |= {name for name in _snapshot(mixture) if name[0] in CONSUMED_OF_SNAPSHOT}
    return keep


def _snapshot(manifest: Manifest) -> set[Name]:
    """Name the versions of the snapshot that a version is about."""
    shards: dict[str, dict[str, str]] = manifest.facts.get("snapshot", {})
    return {(t, shard, v) for shard, tables in shards.items() for t, v in tables.items()}


def _folders(store: Store) -> Iterator[tuple[Name, Path]]:
    """Yield (table, key, version) and folder of every version, whole or not."""
    root = Path(store.root)
    for table in sorted(root.iterdir()) if root.exists() else ():
        if not table.is_dir() or table.name.startswith("."):
            continue
        for folder in sorted(path for path in table.rglob("*") if path.is_dir()):
            if any(child.is_file() and child.name != "current" for child in folder.iterdir()):
                key = folder.parent.relative_to(table).as_posix()
                yield (table.name, key, folder.name), folder

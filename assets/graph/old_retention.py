"""Finds versions that nothing needs any more, and removes them.

Needed are the live versions of live shards and of everything else, the snapshots that live scores and
mixtures are about, and all that any training run consumed: its schedule, its mixture, its tokenizer and
the documents and token counts of the mixture's snapshot. Runs and their evaluations are never removed.
"""

import dataclasses
from collections.abc import Iterator

from assets.graph.views import VIEWS
from resources.lake.manifest import MANIFEST, WHOLE, Manifest
from resources.lake.store import Store
from resources.sources.registry import live_shards
from resources.storage.files import FileInfo

RUNS = ("training_runs", "evaluations")
CONSUMED_OF_SNAPSHOT = ("raw_shards", "quality_signals")
_OF_SHARDS = frozenset(view.table for view in VIEWS if view.of_shards)
_LOOK_EVERY = 100  # what is needed may change while garbage is removed
_MIN_PARTS = 3  # table, key, version, file
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
    versions = _versions(store)
    keep, found = _needed(store, versions), list[Garbage]()
    for name, files in versions.items():
        young = any(now - file.mtime < older_than_seconds for file in files)
        if name not in keep and name[0] not in RUNS and not young:
            whole = any(file.uri.endswith(f"/{MANIFEST}") for file in files)
            found.append(Garbage(*name, bytes=sum(file.bytes for file in files), whole=whole))
    return sorted(found, key=lambda g: (g.table, g.key, g.version))


def remove(store: Store, garbage: list[Garbage]) -> Iterator[Garbage]:
    """Remove versions that nothing needs even now: the manifest first, so that each is whole or absent.

    Returns
    -------
    Those that were removed, each when it is.
    """
    for begin in range(0, len(garbage), _LOOK_EVERY):
        keep = needed(store)
        for one in garbage[begin : begin + _LOOK_EVERY]:
            if (one.table, one.key, one.version) not in keep:
                _remove(store, one)
                yield one


def _remove(store: Store, one: Garbage) -> None:
    """Remove one version."""
    pointer = store.path(one.table, one.key, "current")
    if store.files.exists(pointer) and store.files.read(pointer).decode() == one.version:
        store.files.delete(pointer)  # of a shard that is gone
    folder = store.path(one.table, one.key, one.version)
    store.files.delete(f"{folder}/{MANIFEST}")
    store.files.delete_folder(folder)


def needed(store: Store) -> set[Name]:
    """Name every version that something needs."""
    return _needed(store, _versions(store))


def _needed(store: Store, versions: dict[Name, list[FileInfo]]) -> set[Name]:
    """Name every version that something needs, of those there are."""
    registry = store.current("shard_registry")
    shards = set(live_shards(store.table(registry))) if registry else set()
    keep: set[Name] = set()
    for table, key in sorted({(table, key) for table, key, _ in versions}):
        live = store.current(table, key) if table not in _OF_SHARDS or key in shards else None
        if live is not None:
            keep.add((table, key, live.version))
            keep |= _snapshot(live)
    for table, key, version in versions:
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


def _versions(store: Store) -> dict[Name, list[FileInfo]]:
    """List the files of every version, whole or not, from one listing of the lake."""
    versions: dict[Name, list[FileInfo]] = {}
    for file in store.files.walk(store.root):
        parts = file.uri.removeprefix(f"{store.root}/").split("/")
        if len(parts) > _MIN_PARTS and parts[-1] != "current" and not parts[0].startswith("."):
            name = (parts[0], "/".join(parts[1:-2]), parts[-2])
            versions.setdefault(name, []).append(file)
    return versions

"""Finds versions that are no longer needed, and removes them.

Needed are the live versions of live shards and of everything else, the snapshots that live versions are
about, the versions that an asset's versions pin for as long as they exist, and all versions of the assets
that keep all of them: a training run, and through it its schedule, its mixture and the documents of that, are
never removed.
"""

import dataclasses
from collections.abc import Iterator

from assets.graph import discover
from assets.graph.asset import Name
from assets.graph.lake import LakeResources
from guyot.errors import SettingError
from resources.lake import set_aside
from resources.lake.listing import listed
from resources.lake.manifest import MANIFEST, Manifest
from resources.storage.files import FileInfo

_LOOK_EVERY = 100  # what is needed may change while garbage is removed


@dataclasses.dataclass(frozen=True)
class Garbage:
    """A version that nothing needs, or the files of a writer that died before its manifest."""

    table: str
    key: str
    version: str
    bytes: int
    has_manifest: bool


def find(lake: LakeResources, *, older_than_seconds: float, now: float) -> list[Garbage]:
    """List what can be removed, sorted; a younger version is kept, since a reader may be using it.

    Parameters
    ----------
    older_than_seconds : least age of a version's newest file
    now : time, in seconds since the epoch

    Raises
    ------
    SettingError : versions were set aside as damaged; what they need would not be known.
    """
    versions = listed(lake.store.files).versions
    keep, found = _needed(lake, versions), list[Garbage]()
    for name, files in versions.items():
        is_young = any(now - file.mtime < older_than_seconds for file in files)
        if name not in keep and not is_young:
            has_manifest = any(file.uri.endswith(f"/{MANIFEST}") for file in files)
            found.append(Garbage(*name, sum(file.bytes for file in files), has_manifest))
    return sorted(found, key=lambda g: (g.table, g.key, g.version))


def remove(lake: LakeResources, garbage: list[Garbage]) -> Iterator[Garbage]:
    """Remove versions that are still not needed: the manifest first, so that none is left incomplete.

    Returns
    -------
    Those that were removed, each when it is.
    """
    for begin in range(0, len(garbage), _LOOK_EVERY):
        keep = needed(lake)
        for one in garbage[begin : begin + _LOOK_EVERY]:
            if (one.table, one.key, one.version) not in keep:
                _remove(lake, one)
                yield one


def needed(lake: LakeResources) -> set[Name]:
    """Name every version that something needs."""
    return _needed(lake, listed(lake.store.files).versions)


def _needed(lake: LakeResources, versions: dict[Name, list[FileInfo]]) -> set[Name]:
    """Name every version that something needs, of those there are."""
    store, assets = lake.store, discover.assets()
    n_aside, _ = set_aside.held(store.files)
    if n_aside:  # a registry says which shards are live, a run what it has read
        raise SettingError(
            f"versions that nothing needs were asked for; {n_aside} damaged files lie in "
            f"{set_aside.place(store.files)}, and what their versions needed is not known: run "
            "`guyot run`, then remove that folder"
        )
    shards = set(lake.shards()) if store.current("shard_registry") else set[str]()
    keep: set[Name] = set()
    for table, key in sorted({(table, key) for table, key, _ in versions}):
        is_gone = table in assets and assets[table].is_per_shard and key not in shards
        live = None if is_gone else store.current(table, key)
        if live is not None:
            keep.add((table, key, live.version))
            keep |= snapshot_versions(live)
    for table, key, version in versions:
        asset = assets.get(table)
        if asset is None or not asset.keeps_all_versions:
            continue
        keep.add((table, key, version))
        manifest = store.manifest(table, key, version) if asset.pins else None
        if manifest is not None:
            keep |= needed_by(lake, manifest, is_live=False)
    return keep


def needed_by(lake: LakeResources, manifest: Manifest, *, is_live: bool) -> set[Name]:
    """Name the versions that one needs: where it is live those of its snapshot, and those that it pins."""
    asset = discover.assets().get(manifest.table)
    found = snapshot_versions(manifest) if is_live else set[Name]()
    if asset is not None and asset.keeps_all_versions and asset.pins:
        found |= asset.pins(asset.reader(lake), manifest)
    return found


def snapshot_versions(manifest: Manifest) -> set[Name]:
    """Name the versions of the snapshot that a version is about."""
    shards: dict[str, dict[str, str]] = manifest.facts.get("snapshot", {})
    return {(t, shard, v) for shard, tables in shards.items() for t, v in tables.items()}


def _remove(lake: LakeResources, one: Garbage) -> None:
    """Remove one version."""
    store = lake.store
    pointer = store.path(one.table, one.key, "current")
    if store.files.exists(pointer) and store.files.read(pointer) == one.version.encode():
        store.files.delete(pointer)  # of a shard that is gone
    folder = store.path(one.table, one.key, one.version)
    store.files.delete(f"{folder}/{MANIFEST}")
    store.files.delete_folder(folder)

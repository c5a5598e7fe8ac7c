"""Verifies a lake: every file of every version, live or not, and that what is live or needed is there."""

import contextlib
import dataclasses
import time
from collections.abc import Iterable

from assets.graph import compaction, discover, retention
from assets.graph.lake import LakeResources
from guyot.errors import GuyotError
from guyot.lake.names import CURRENT, MANIFEST
from resources import progress
from resources.lake import damage, set_aside
from resources.lake.damage import IS_MISSING, NAMES_NOTHING, WORK, Damage
from resources.lake.listing import Listing, Name, Partition, listed
from resources.lake.manifest import Manifest
from resources.lake.store import Store


@dataclasses.dataclass(frozen=True)
class Verified:
    """What was read of a lake, and what of it is damaged, sorted.

    live : the version that is live, by its pointer, where that is whole
    whole : every version whose manifest is whole, with its time of writing, in seconds
    bytes, seconds : of the files that manifests name, and how long it took to read them
    """

    damaged: list[Damage]
    live: dict[Partition, str]
    whole: dict[Name, float]
    files: int
    bytes: int
    seconds: float


def verify(lake: LakeResources) -> Verified:
    """Read every file of a lake, and compare it with its manifest; nothing is changed.

    Versions that others write or remove meanwhile are no damage.

    Raises
    ------
    UnreachableError : S3 does not answer.

    Notes
    -----
    Reads the whole lake once, in the engine's threads; memory: some megabytes a thread.
    """
    store, listing = lake.store, listed(lake.store.files)
    pointers = damage.read_pointers(store, listing.pointers)
    live = {partition: name for partition, name in pointers.items() if isinstance(name, str)}
    manifests = damage.read_manifests(store, listing.versions)
    whole = {name: found for name, found in manifests.items() if isinstance(found, Manifest)}
    checks = [check for manifest in whole.values() for check in damage.checks_of(store, manifest)]
    total = sum(check.bytes for check in checks)
    begun = time.monotonic()
    with progress.begun(WORK, total, "bytes"):
        found = [one for one in lake.engine.map(damage.check_file, checks) if one is not None]
    seconds = time.monotonic() - begun
    found += [one for one in (*pointers.values(), *manifests.values()) if isinstance(one, Damage)]
    found += _absent(lake, listing, live, manifests)
    found = [*still_damaged(lake, found), *compaction.damaged(lake, whole)]
    damaged = sorted(set(found), key=lambda one: (*one.name, one.file))
    times = {name: max((f.mtime for f in listing.versions[name]), default=0.0) for name in whole}
    return Verified(damaged, live, times, len(checks) + len(manifests) + len(pointers), total, seconds)


def _absent(
    lake: LakeResources,
    listing: Listing,
    live: dict[Partition, str],
    manifests: dict[Name, Manifest | Damage | None],
) -> list[Damage]:
    """List what should be there and is not: live and needed versions, and what names live ones."""
    aside, live_names = set_aside.names(lake.store.files), {(*key, version) for key, version in live.items()}
    whole = {name: found for name, found in manifests.items() if isinstance(found, Manifest)}
    needed = set(live_names)
    for name, manifest in whole.items():
        with contextlib.suppress(GuyotError):  # what it needs cannot be read, and is damaged itself
            needed |= retention.needed_by(lake, manifest, is_live=name in live_names)
    found: list[Damage] = []
    for name in sorted(needed):
        table, key, version = name
        if name in manifests and manifests[name] is None:
            found.append(Damage(*name, MANIFEST, IS_MISSING))
        elif name not in manifests and name in live_names:
            found.append(Damage(table, key, "", CURRENT, f"{NAMES_NOTHING}: {version}"))
        elif name not in manifests and name not in aside:
            found.append(Damage(*name, MANIFEST, f"{IS_MISSING}, and so is its version"))
    without = {name[:2] for name in whole} - set(listing.pointers)
    for table, key in sorted(without - _has_gone(lake, without)):
        if (table, key, CURRENT) not in aside:
            found.append(Damage(table, key, "", CURRENT, IS_MISSING))
    return found


def still_damaged(lake: LakeResources, found: Iterable[Damage]) -> list[Damage]:
    """Return what is damaged still: others may have written, replaced or removed it since."""
    store, kept = lake.store, list[Damage]()
    for one in found:
        pointer = damage.read_pointers(store, [(one.table, one.key)])[one.table, one.key]
        if not one.version:
            named = isinstance(pointer, str) and store.files.exists(
                store.path(one.table, one.key, pointer, MANIFEST)
            )
            kept += [] if named else [one]
            continue
        has_manifest = store.files.exists(store.path(*one.name, MANIFEST))
        if has_manifest and one.file != MANIFEST and _is_whole(store, one):
            continue
        if has_manifest == (one.file != MANIFEST or not one.problem.startswith(IS_MISSING)):
            kept.append(one)
        elif not has_manifest and pointer == one.version:
            kept.append(dataclasses.replace(one, file=MANIFEST, problem=IS_MISSING))
    return kept


def _is_whole(store: Store, one: Damage) -> bool:
    """Read a file of a version once more: it may have been made again since, or the disk was at fault."""
    try:
        manifest = store.manifest(*one.name)
    except GuyotError:
        return False
    checks = (
        [check for check in damage.checks_of(store, manifest) if check.file == one.file] if manifest else []
    )
    return bool(checks) and all(damage.check_file(check) is None for check in checks)


def _has_gone(lake: LakeResources, partitions: Iterable[Partition]) -> set[Partition]:
    """Return those of some partitions that are of no live shard; none where the registry cannot be read."""
    assets = discover.assets()
    try:
        shards = set(lake.shards())
    except GuyotError:
        return set()
    of_shards = {name for name, asset in assets.items() if asset.is_per_shard}
    return {(table, key) for table, key in partitions if table in of_shards and key not in shards}

"""Repairs a lake: damaged versions are set aside, so that a run makes them again; none is removed.

What no run can make again, such as withdrawals and reports of trainings, stays where it is.
"""

import dataclasses
from collections.abc import Iterator

from assets.graph import discover, plan
from assets.graph.asset import Name
from assets.graph.lake import LakeResources
from assets.graph.partitions import dagster_key
from assets.graph.verification import Verified, still_damaged
from guyot.errors import GuyotError
from guyot.lake.names import CURRENT
from resources.lake import compacted, damage, set_aside
from resources.lake.damage import Damage
from resources.lake.listing import Partition

RUN = "`guyot run` makes it again"
LEFT = (
    "stays where it is, since no run can make it again: put it back from a copy, or remove its folder and "
    "say it again by `guyot withdraw` or `guyot runs register`"
)
COMPACTED = "the file is removed: manifests say it too, and a long run or `guyot gc` writes it anew"
LEFT_RUN = (
    "stays where it is, an older run whose documents are kept for as long as it is: put it back from a copy"
)


@dataclasses.dataclass(frozen=True)
class Repair:
    """What is done about a damaged version, or about what names a live one.

    damage : all of the version's
    next : what comes after, in words
    points_to : the version that becomes the live one; None: none does
    """

    damage: tuple[Damage, ...]
    next: str
    is_left: bool = False
    points_to: str | None = None

    @property
    def partition(self) -> Partition:
        """The partition."""
        return self.damage[0].table, self.damage[0].key


def repairs(lake: LakeResources, verified: Verified) -> list[Repair]:
    """Say what would repair each damaged version; nothing is changed."""
    by_name: dict[tuple[str, str, str], list[Damage]] = {}
    for one in verified.damaged:
        by_name.setdefault(one.name, []).append(one)
    return [_repair(lake, verified, tuple(found)) for found in by_name.values()]


def repair(lake: LakeResources, planned: list[Repair]) -> Iterator[Repair]:
    """Do what was planned; yield each when it is done, and what is left where it is.

    What a run has made whole meanwhile is passed over.

    Killed at any moment, every file is in its place or where it was set aside; doing it again goes on.
    """
    for one in planned:
        if one.partition[0] == compacted.FOLDER:
            lake.store.files.delete(compacted.uri_of(lake.store.files, one.partition[1]))
            yield one
        elif still_damaged(lake, one.damage):
            if not one.is_left:
                _do(lake, one)
            yield one


def _repair(lake: LakeResources, verified: Verified, found: tuple[Damage, ...]) -> Repair:
    """Plan for one version, or for what names a live one."""
    table, key, version = found[0].name
    if table == compacted.FOLDER:
        return Repair(found, COMPACTED)
    asset = discover.assets().get(table)
    broken = {one.name for one in verified.damaged if one.version}
    held = sorted((time, name[2]) for name, time in verified.whole.items() if name[:2] == (table, key))
    newest = held[-1][1] if held and (table, key, held[-1][1]) not in broken else None
    is_broken = any(name[:2] == (table, key) for name in broken)
    if not version and found[0].problem.startswith(damage.NAMES_NOTHING):
        is_broken = True  # the version that it names was removed, so that another would be none of its kind
    if asset is None:
        if version or is_broken or newest is None:
            return Repair(found, LEFT, is_left=True)
        return Repair(found, f"{CURRENT} names {newest} again", points_to=newest)
    if version and _is_older(verified, broken, (table, key, version)):
        if asset.keeps_all_versions:
            return Repair(found, LEFT_RUN, is_left=True)
        return Repair(found, "an older version, which nothing makes again")
    if asset.look is not None:  # the sources alone make it, from what was known before
        sound = [name for _, name in held if (table, key, name) not in broken]
        known = sound[-1] if sound else None
        return Repair(found, "`guyot run` looks at the sources again", points_to=known)
    if not version and not is_broken and newest is not None:
        return Repair(found, f"{CURRENT} names {newest} again", points_to=newest)
    return Repair(found, _makes(lake, table, key))


def _is_older(verified: Verified, broken: set[Name], name: Name) -> bool:
    """Return whether another version is the live one; what names one that never was is itself damaged."""
    live = verified.live.get(name[:2], name[2])
    return live != name[2] and ((*name[:2], live) in verified.whole or (*name[:2], live) in broken)


def _makes(lake: LakeResources, table: str, key: str) -> str:
    """Return what makes a partition again."""
    asset = discover.asset(table)
    try:
        is_of_run = plan.is_wanted(asset, lake) and key in plan.keys(asset, lake)
    except GuyotError:  # the registry is damaged too
        is_of_run = plan.is_wanted(asset, lake)
    if is_of_run:
        return RUN
    name = dagster_key(key)
    return f"`guyot backfill {table}{f' --partition {name!r}' if name else ''}` makes it again"


def _do(lake: LakeResources, one: Repair) -> None:
    """Set a version aside, and let what names the live version name another or none."""
    store, partition = lake.store, one.partition
    version, now = one.damage[0].version, damage.read_pointers(store, [partition])[partition]
    gone = version or (now if isinstance(now, str) else "")
    if gone:
        set_aside.set_version_aside(store.files, (*partition, gone))
    if version and now != version and now is not None:
        return  # it was not live
    target = store.manifest(*partition, one.points_to) if one.points_to else None
    if target is not None:
        store.publish(target)
    elif now is not None:
        set_aside.set_pointer_aside(store.files, partition)

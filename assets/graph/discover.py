"""Finds the declared assets and checks: those of the modules in the groups' folders, by name.

A module of a group's folder declares the asset of its own name, and its checks; machinery of a group lies in
folders of its own and declares nothing.
"""

import functools
import graphlib
import importlib
import pkgutil
from collections.abc import Sequence
from types import ModuleType

from assets.graph.asset import LakeAsset
from assets.graph.check import LakeCheck
from guyot.errors import SettingError

# an audit comes as soon as what it reads is built: before the schedules, so that a run until these has all
GROUPS = ("ingest", "cluster", "audit", "prune", "train", "scenes", "navigation", "publish")


@functools.cache
def assets() -> dict[str, LakeAsset]:
    """Return every declared asset by name, in the order in which they can be built.

    Raises
    ------
    SettingError : one reads a table that no asset declares, or carries a column over from where it is not.
    """
    declared = _declared(GROUPS)
    for asset in declared.values():
        _check_sources(asset, declared)
    return _ordered(declared)


@functools.cache
def checks() -> tuple[LakeCheck, ...]:
    """Return every declared check, in the order of the assets."""
    found = {
        check.name: check for module in _modules() for check in vars(module).values()
        if isinstance(check, LakeCheck)
    }  # fmt: skip
    order = list(assets())
    return tuple(sorted(found.values(), key=lambda check: order.index(check.asset)))


def asset(name: str) -> LakeAsset:
    """Return the asset of a name.

    Raises
    ------
    SettingError : there is none.
    """
    if name not in assets():
        raise SettingError(f"asset {name!r} is not in the graph; choose from {', '.join(assets())}")
    return assets()[name]


def names_outside(group: str) -> tuple[str, ...]:
    """List the assets of all groups but one, whose modules may ask this while they are imported."""
    return tuple(_declared([name for name in GROUPS if name != group]))


def _declared(groups: Sequence[str]) -> dict[str, LakeAsset]:
    """Return the assets of some groups, by name."""
    return {
        asset.name: asset for module in _modules(groups) for asset in vars(module).values()
        if isinstance(asset, LakeAsset) and module.__name__.endswith(f".{asset.name}")
    }  # fmt: skip


def _modules(groups: Sequence[str] = GROUPS) -> list[ModuleType]:
    """Import the modules that lie directly in the groups' folders."""
    modules: list[ModuleType] = []
    for group in groups:
        package = importlib.import_module(f"assets.{group}")
        names = sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.ispkg)
        modules += [importlib.import_module(f"assets.{group}.{name}") for name in names]
    return modules


def _check_sources(asset: LakeAsset, declared: dict[str, LakeAsset]) -> None:
    """Refuse a declaration that names what is not declared."""
    unknown = [read.table for read in asset.reads if read.table not in declared]
    columns = {f"{name}.{column.name}" for name in (*asset.deps, asset.name) if name in declared
               for table in declared[name].tables for column in table.columns}  # fmt: skip
    unknown += [
        column.source for table in asset.tables for column in table.columns
        if column.source and column.source not in columns
    ]  # fmt: skip
    if unknown:
        raise SettingError(f"{asset.name} declares {', '.join(unknown)}, which no asset that it reads has")


def _ordered(declared: dict[str, LakeAsset]) -> dict[str, LakeAsset]:
    """Sort assets so that each follows what it reads; beyond that by group, then by name.

    Raises
    ------
    SettingError : assets read one another.
    """
    sorter = graphlib.TopologicalSorter({name: set(asset.deps) for name, asset in declared.items()})
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        raise SettingError(f"assets read one another: {' -> '.join(error.args[1])}; remove a read") from error
    order: list[str] = []
    waiting: set[str] = set()
    while sorter.is_active():
        waiting |= set(sorter.get_ready())
        first = min(waiting, key=lambda name: (GROUPS.index(declared[name].group_name), name))
        waiting.remove(first)
        order.append(first)
        sorter.done(first)
    return {name: declared[name] for name in order}

"""The generated passages, each a function of the live objects: settings, command, assets, views, recipes."""

import dataclasses
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import click
import version_settings

from assets.graph import discover
from assets.graph.asset import LakeAsset
from assets.graph.partitions import word_of
from assets.graph.reads import Over, Read
from assets.graph.tables import ColumnSpec
from assets.graph.views import LAKE_FILES, duckdb_type
from assets.graph.views import views as declared_views
from guyot.cli import main as command
from recipes import RECIPES, TRAINED
from resources.setting_names import field_of, variable
from resources.settings import ROOT, Settings

_LIMITS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
_TYPES = {str: "text", int: "whole number", float: "number"}
_READ_AS = {
    Over.SAME: "same partition", Over.ONE: "its only partition", Over.SHARDS: "every live shard",
    Over.OTHER: "partitions that it names",
}  # fmt: skip


def settings() -> str:
    """Tabulate the settings."""
    versions = version_settings.settings()
    rows: list[tuple[str, ...]] = []
    for name in Settings.names():
        field = field_of(Settings, name)
        limits = [
            f"{word} {getattr(limit, key):g}"
            for limit in field.metadata
            for key, word in _LIMITS.items()
            if hasattr(limit, key)
        ]
        choices = get_args(field.annotation)
        kind = ", ".join([" or ".join(choices) if choices else _TYPES[field.annotation or str], *limits])
        enters = _codes(versions[name]) or "nothing"
        rows.append((f"`{name}`", f"`{variable(name)}`", kind, _default(field.default),
                     field.description or "", enters))  # fmt: skip
    return _table(("setting", "variable", "type", "default", "meaning", "enters the version of"), rows)


def _default(value: Any) -> str:
    """Write a default, a path relative to the checkout."""
    text = str(value)
    if text.startswith(str(ROOT)):
        text = "./" + Path(text).relative_to(ROOT).as_posix()
    return f"`{text}`" if text else "empty"


def commands() -> str:
    """Tabulate the verbs of the command and their options."""
    parts: list[str] = []
    for verb, what in _verbs(command):
        arguments = [p.human_readable_name for p in what.params if isinstance(p, click.Argument)]
        parts.append(f"**`{' '.join(['guyot', verb, *arguments])}`** {what.help}\n")
        options = [option for option in what.params if isinstance(option, click.Option)]
        rows = [(f"`{'`, `'.join(o.opts)}`", f"`{o.make_metavar(click.Context(what))}`",
                 "yes" if o.multiple else "no", _help(o)) for o in options]  # fmt: skip
        parts.append(_table(("option", "value", "repeats", "meaning"), rows) + "\n")
    return "\n".join(parts)


def _verbs(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield the verbs of a command, and those of its groups with the group's name before them."""
    for verb, what in group.commands.items():
        if isinstance(what, click.Group):
            yield from _verbs(what, f"{before}{verb} ")
        else:
            yield f"{before}{verb}", what


def _help(option: click.Option) -> str:
    """Say what an option does, and its default where it shows one."""
    shown = f" The default is `{option.default}`." if option.show_default else ""
    return (option.help or "What form the answer has.") + shown


def targets() -> str:
    """Tabulate the targets of the Makefile."""
    found = re.findall(r"^([a-z-]+):.*?## (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return _table(("command", "what it does"), [(f"`make {name}`", text) for name, text in found])


@cache
def edges() -> set[tuple[str, str]]:
    """Return every read, (from, to)."""
    return {(read, name) for name, asset in discover.assets().items() for read in asset.deps}


def graph() -> str:
    """Draw the graph; a read that a longer way implies has no arrow of its own."""
    shown = sorted((a, b) for a, b in edges() if not _implied(a, b))
    lines = ["```mermaid", "flowchart LR"]
    for group in discover.GROUPS:
        members = [name for name, asset in discover.assets().items() if asset.group_name == group]
        lines += [f"  subgraph {group}", *(f"    {name}" for name in members), "  end"]
    order = list(discover.assets())
    shown.sort(key=lambda edge: (order.index(edge[0]), order.index(edge[1])))
    return "\n".join([*lines, *(f"  {a} --> {b}" for a, b in shown), "```"])


def _implied(begin: str, end: str) -> bool:
    """Say whether another way than the direct one leads from one asset to another."""
    waiting = [b for a, b in edges() if a == begin and b != end]
    seen: set[str] = set()
    while waiting:
        at = waiting.pop()
        if at not in seen:
            seen.add(at)
            waiting += [b for a, b in edges() if a == at]
    return end in seen


def assets() -> str:
    """Describe every asset."""
    return "\n\n".join(_asset(asset) for asset in discover.assets().values())


def _asset(asset: LakeAsset) -> str:
    """Describe one asset."""
    checks = sorted(check.name for check in discover.checks() if check.asset == asset.name)
    readers = [name for name, other in discover.assets().items() if asset.name in other.deps]
    uses = [setting for setting, users in version_settings.settings().items() if asset.name in users]
    beside = [f"`{table.name}` (`{table.file}`)" for table in asset.tables[1:]]
    facts = {
        "group": f"`{asset.group_name}`",
        "partitioned by": word_of(asset.partitions_def),
        "reads": _reads(asset.reads) or "the source files",
        "settings in its version": _codes(uses) or "none",
        "code version": f"`{asset.code_version}`",
        "read by": _codes(readers) or "people",
        "checked by": _codes(checks) or "no check of its own",
        **({"further tables, see the catalogue": ", ".join(beside)} if beside else {}),
    }
    lines = [f"### {asset.name}", "", asset.description, ""]
    lines += [f"- {what}: {text}" for what, text in facts.items()]
    rows = [(f"`{c.name}`", str(c.type), _meaning(c)) for c in asset.tables[0].columns]
    return "\n".join([*lines, "", _table(("column", "type", "meaning"), rows)])


def _reads(reads: Iterable[Read]) -> str:
    """Write what an asset reads, by the partitions that it reads."""
    by_kind: dict[str, list[str]] = {}
    for read in reads:
        by_kind.setdefault(_READ_AS[read.over], []).append(read.table)
    return "; ".join(f"{_codes(dict.fromkeys(tables))} ({kind})" for kind, tables in by_kind.items())


def _meaning(column: ColumnSpec) -> str:
    """Write what a column means, and where it is carried over from."""
    return f"{column.meaning}; from `{column.source}`" if column.source else column.meaning


def views() -> str:
    """Describe every table and view of the catalogue."""
    parts = [_view(view.name, view.comment, view.columns) for view in declared_views()]
    return "\n\n".join([*parts, _view(LAKE_FILES.name, f"one row is {LAKE_FILES.row}", LAKE_FILES.columns)])


def _view(name: str, comment: str, columns: Iterable[ColumnSpec]) -> str:
    """Describe one view."""
    rows = [(f"`{column.name}`", duckdb_type(column.type), column.meaning) for column in columns]
    table = _table(("column", "type", "meaning"), rows)
    return f"### {name}\n\n{comment[0].upper()}{comment[1:]}.\n\n{table}"


def recipes() -> str:
    """Tabulate the recipes."""
    rows: list[tuple[str, ...]] = []
    for recipe in RECIPES:
        steps = [f"{step.method}({', '.join(_settings_of(step))})" for step in recipe.steps]
        fraction = recipe.target_fraction
        target = "what its limits leave" if fraction is None else f"{fraction:g} of the {recipe.unit}"
        trained = "yes" if recipe.name in TRAINED else "when asked for"
        rows.append(
            (f"`{recipe.name}`", f"`{', then '.join(steps)}`", target, trained, f"`{recipe.fingerprint()}`")
        )
    return _table(("recipe", "steps", "keeps", "trained", "fingerprint"), rows)


def _settings_of(step: Any) -> Iterable[str]:
    """Write the settings of a step that are not its defaults."""
    for field in dataclasses.fields(step):
        value = getattr(step, field.name)
        if field.name != "method" and value != field.default:
            yield f"{field.name}={value}"


def _codes(names: Iterable[str]) -> str:
    """Write names as code, by commas."""
    return ", ".join(f"`{name}`" for name in names)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Write a table."""
    cells = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells)


PASSAGES = {
    "settings": settings, "commands": commands, "targets": targets, "graph": graph, "assets": assets,
    "views": views, "recipes": recipes,
}  # fmt: skip

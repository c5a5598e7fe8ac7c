"""The generated passages, each a function of the live objects: settings, command, assets, views, recipes."""

import dataclasses
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, get_args

import build_specs
import click
import dagster as dg
import duckdb

from assets.graph import views as tables
from assets.graph.partitions import RECIPE_KEYS, RUNS, SHARDS
from assets.graph.plan import ASSETS
from definitions import defs
from jobs.cli.main import main as command
from recipes import RECIPES
from resources.lake.manifest import ROWS
from resources.setting_names import field_of, variable
from resources.settings import ROOT, Settings

_LIMITS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
_TYPES = {str: "text", int: "whole number", float: "number"}
# columns of the catalogue that are no column of an asset's main table, by view; "" for any view
_MEANINGS = json.loads((Path(__file__).parent / "columns.json").read_text())


def settings() -> str:
    """Tabulate the settings."""
    versions = build_specs.settings()
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
    for verb, what in command.commands.items():
        arguments = [p.human_readable_name for p in what.params if isinstance(p, click.Argument)]
        parts.append(f"**`{' '.join(['guyot', verb, *arguments])}`** {what.help}\n")
        options = [option for option in what.params if isinstance(option, click.Option)]
        rows = [(f"`{'`, `'.join(o.opts)}`", f"`{o.make_metavar(click.Context(what))}`",
                 "yes" if o.multiple else "no", _help(o)) for o in options]  # fmt: skip
        parts.append(_table(("option", "value", "repeats", "meaning"), rows) + "\n")
    return "\n".join(parts)


def _help(option: click.Option) -> str:
    """Say what an option does, and its default where it shows one."""
    shown = f" The default is `{option.default}`." if option.show_default else ""
    return (option.help or "What form the answer has.") + shown


def targets() -> str:
    """Tabulate the targets of the Makefile."""
    found = re.findall(r"^([a-z]+):.*?## (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return _table(("command", "what it does"), [(f"`make {name}`", text) for name, text in found])


@cache
def specs() -> dict[str, dg.AssetSpec]:
    """Return every asset, in the order in which the graph makes them."""
    found = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
    return dict(sorted(found.items(), key=lambda item: ASSETS.index(item[0])))


@cache
def edges() -> set[tuple[str, str]]:
    """Return every dependency, (from, to)."""
    return {(d.asset_key.to_user_string(), name) for name, spec in specs().items() for d in spec.deps}


def graph() -> str:
    """Draw the graph; a dependency that a longer way implies has no arrow of its own."""
    shown = sorted((a, b) for a, b in edges() if not _implied(a, b))
    lines = ["```mermaid", "flowchart LR"]
    for group in dict.fromkeys(spec.group_name for spec in specs().values()):
        members = [name for name, spec in specs().items() if spec.group_name == group]
        lines += [f"  subgraph {group}", *(f"    {name}" for name in members), "  end"]
    order = list(specs())
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
    return "\n\n".join(_asset(name, spec) for name, spec in specs().items())


def _asset(name: str, spec: dg.AssetSpec) -> str:
    """Describe one asset."""
    checks = [key.name for key in defs.resolve_asset_graph().asset_check_keys if key.asset_key == spec.key]
    readers = [b for a, b in sorted(edges(), key=lambda e: ASSETS.index(e[1])) if a == name]
    hashed = [n for n in build_specs.inputs()[name] if n in specs()]
    uses = [setting for setting, users in build_specs.settings().items() if name in users]
    facts = {
        "group": f"`{spec.group_name}`",
        "partitioned by": _partitions(spec.partitions_def),
        "depends on": _codes(d.asset_key.to_user_string() for d in spec.deps) or "the source files",
        "content in its version": _codes(hashed) or "the listing of the source files",
        "settings in its version": _codes(uses) or "none",
        "code version": f"`{spec.code_version}`",
        "read by": _codes(readers) or "people",
        "checked by": _codes(sorted(checks)) or "no check of its own",
    }
    lines = [f"### {name}", "", spec.description or "", ""]
    lines += [f"- {what}: {text}" for what, text in facts.items()]
    described = _columns_of(name)
    rows = [(f"`{n}`", kind, text) for n, (kind, text) in described.items()]
    return "\n".join([*lines, "", _table(("column", "type", "meaning"), rows)] if rows else lines)


def _partitions(partitions: dg.PartitionsDefinition[Any] | None) -> str:
    """Name what an asset is partitioned by."""
    named = ((SHARDS, "shard"), (RECIPE_KEYS, "recipe"), (RUNS, "recipe and seed"), (None, "nothing"))
    return next(word for known, word in named if known == partitions)


def _columns_of(asset: str) -> dict[str, tuple[str, str]]:
    """Return (type, meaning) of each column that an asset states."""
    schema = specs()[asset].metadata.get("dagster/column_schema")
    return {c.name: (c.type or "", c.description or "") for c in schema.columns} if schema else {}


def views() -> str:
    """Describe every table and view of the catalogue."""
    with duckdb.connect() as connection:
        parts = [_view(view, connection.sql(view.empty())) for view in tables.VIEWS]
        for sql, name, comment in (
            (tables.MIXTURES, "mixtures", "one row is a mixture version: what was asked and what was met"),
            (tables.LAKE_FILES, "lake_files", "one row is a file of the lake that a view may read"),
        ):
            connection.execute(sql)
            parts.append(_view(tables.View(name, comment, "", ""), connection.table(name)))
    return "\n\n".join(parts)


def _view(view: tables.View, relation: duckdb.DuckDBPyRelation) -> str:
    """Describe one view."""
    stated = _columns_of(view.table) if view.table in specs() and view.file == ROWS else {}
    own = {**_MEANINGS[""], **{n: text for n, (_, text) in stated.items()}, **_MEANINGS.get(view.name, {})}
    rows = [(f"`{column}`", str(kind), own[column])
            for column, kind in zip(relation.columns, relation.types, strict=True)]  # fmt: skip
    return f"### {view.name}\n\n{view.comment[0].upper()}{view.comment[1:]}.\n\n" + _table(
        ("column", "type", "meaning"), rows
    )


def recipes() -> str:
    """Tabulate the recipes."""
    rows: list[tuple[str, ...]] = []
    for recipe in RECIPES:
        steps = [f"{step.method}({', '.join(_settings_of(step))})" for step in recipe.steps]
        fraction = recipe.target_fraction
        target = "what its limits leave" if fraction is None else f"{fraction:g} of the {recipe.unit}"
        rows.append((f"`{recipe.name}`", f"`{', then '.join(steps)}`", target, f"`{recipe.fingerprint()}`"))
    return _table(("recipe", "steps", "keeps", "fingerprint"), rows)


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

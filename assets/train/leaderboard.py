"""The leaderboard: recipes beside each other, by what their models pay for unseen text."""

from typing import Any

import dagster as dg
import pyarrow as pa

from assets.graph.build import BuildSpec, build, columns, result
from assets.graph.partitions import BY_NAME
from recipes import SEEDS
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.settings import Settings

CODE = "1"
_SLICES = {"all": ("bits_per_byte", "low", "high"), "short": ("short", "short_low", "short_high"),
           "long": ("long", "long_low", "long_high")}  # fmt: skip
_FLOATS = tuple(name for names in _SLICES.values() for name in names)
SCHEMA = pa.schema(
    [
        ("recipe", pa.string()),
        *((name, pa.int64()) for name in ("runs", "documents", "tokens")),
        *((name, pa.float64()) for name in ("kept_fraction", *_FLOATS)),
    ]
)


def spec(store: Store) -> BuildSpec:
    """State what the leaderboard is made from: every evaluation of a live run."""
    keys = {"evaluations": evaluated(store), "pruned_mixtures": store.partitions("pruned_mixtures")}
    inputs = {
        f"{table}/{key}": store.required(table, key).version
        for table in keys
        for key in keys[table]
        if key.split("/")[0] in BY_NAME
    }
    return BuildSpec("leaderboard", inputs, {}, CODE)


@dg.asset(
    group_name="train",
    kinds={"parquet"},
    owners=["team:research"],
    deps=["evaluations", "pruned_mixtures"],
    code_version=CODE,
    metadata=columns(
        recipe="string: the recipe",
        runs="int64: evaluated runs; values are means over them",
        documents="int64: documents that the mixture keeps",
        tokens="int64: their tokens",
        kept_fraction="double: share of the eligible documents",
        bits_per_byte="double: on all held-out documents; lower is better",
        low="double: lower end of its 95% interval",
        high="double: upper end",
        short="double: on the shorter half of them",
        short_low="double: lower end",
        short_high="double: upper end",
        long="double: on the longest tenth",
        long_low="double: lower end",
        long_high="double: upper end",
    ),
)
def leaderboard(settings: Settings, store: Store) -> dg.MaterializeResult[Any]:
    """One row is a recipe with at least one evaluated run."""
    del settings  # shown in the launchpad; none of them changes the comparison
    manifest = build(store, spec(store), lambda writer: writer.table(compare(store)))
    return result(manifest, table=dg.MetadataValue.md(_markdown(store.table(manifest))))


def evaluated(store: Store) -> list[str]:
    """List the evaluated runs of the recipes and seeds of recipes.py."""
    wanted = {f"{recipe}/{seed}" for recipe in BY_NAME for seed in SEEDS}
    return [key for key in store.partitions("evaluations") if key in wanted]


def compare(store: Store) -> pa.Table:
    """Gather the live evaluations by recipe, in the order of recipes.py."""
    rows: list[dict[str, Any]] = []
    for recipe in BY_NAME:
        keys = [key for key in evaluated(store) if key.split("/")[0] == recipe]
        if keys:
            found = [store.required("evaluations", key) for key in keys]
            rows.append(_row(store, recipe, found))
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _row(store: Store, recipe: str, of_runs: list[Manifest]) -> dict[str, Any]:
    """Describe one recipe by the mixture that its runs consumed."""
    facts = of_runs[0].facts
    row: dict[str, Any] = {
        "recipe": recipe,
        "runs": len(of_runs),
        "documents": facts["mixture_documents"],
        "tokens": facts["mixture_tokens"],
        "kept_fraction": facts["mixture_kept_fraction"],
    }
    found = [r for manifest in of_runs for r in store.table(manifest).to_pylist()]
    for name, targets in _SLICES.items():
        values = [r for r in found if r["slice"] == name]
        for target, source in zip(targets, ("value", "low", "high"), strict=True):
            row[target] = sum(r[source] for r in values) / len(values) if values else None
    return row


def _markdown(table: pa.Table) -> str:
    """Write the comparison for the UI."""
    lines = ["| recipe | documents | kept | bits per byte |", "|---|---:|---:|---:|"]
    for row in table.to_pylist():
        interval = f"{row['bits_per_byte']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
        lines.append(f"| {row['recipe']} | {row['documents']:,} | {row['kept_fraction']:.1%} | {interval} |")
    return "\n".join(lines)

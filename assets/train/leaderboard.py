"""The leaderboard: recipes beside each other, by what their models pay for unseen text."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa

from assets.graph.asset import Inputs, lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME
from assets.graph.reader import TableReader
from assets.graph.reads import named
from assets.graph.tables import ColumnSpec, TableSpec
from recipes import SEEDS
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer

_OF_SLICE = {
    "all": ("bits_per_byte", "low", "high"),
    "short": ("bits_per_byte_short", "bits_per_byte_short_low", "bits_per_byte_short_high"),
    "long": ("bits_per_byte_long", "bits_per_byte_long_low", "bits_per_byte_long_high"),
}
RANKING = TableSpec(
    "leaderboard",
    "a recipe",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec("runs", pa.int64(), "evaluated runs; values are means over them"),
        ColumnSpec("documents", pa.int64(), "documents that the mixture keeps"),
        ColumnSpec("tokens", pa.int64(), "their tokens"),
        ColumnSpec("kept_fraction", pa.float64(), "share of the eligible documents"),
        ColumnSpec("bits_per_byte", pa.float64(), "on all held-out documents; lower is better"),
        ColumnSpec("low", pa.float64(), "lower end of its 95% interval"),
        ColumnSpec("high", pa.float64(), "upper end"),
        ColumnSpec("bits_per_byte_short", pa.float64(), "on the shorter half of them"),
        ColumnSpec("bits_per_byte_short_low", pa.float64(), "lower end"),
        ColumnSpec("bits_per_byte_short_high", pa.float64(), "upper end"),
        ColumnSpec("bits_per_byte_long", pa.float64(), "on the longest tenth"),
        ColumnSpec("bits_per_byte_long_low", pa.float64(), "lower end"),
        ColumnSpec("bits_per_byte_long_high", pa.float64(), "upper end"),
    ),
)


def evaluated_runs(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State every evaluation of a run of recipes.py, and every mixture."""
    mixtures = [name for name in reader.partitions("pruned_mixtures") if name in BY_NAME]
    partitions = {"evaluations": evaluated(reader), "pruned_mixtures": mixtures}
    inputs = {
        f"{table}/{partition}": reader.required(table, partition).version
        for table, names in partitions.items()
        for partition in names
    }
    return dict.fromkeys(keys, inputs)


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Show the comparison as a table."""
    lines = ["| recipe | documents | kept | bits per byte |", "|---|---:|---:|---:|"]
    for row in reader.table(manifest).to_pylist():
        interval = f"{row['bits_per_byte']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
        lines.append(f"| {row['recipe']} | {row['documents']:,} | {row['kept_fraction']:.1%} | {interval} |")
    return {"table": dg.MetadataValue.md("\n".join(lines))}


@lake_asset(
    group_name="train",
    tables=[RANKING],
    reads=[named("evaluations"), named("pruned_mixtures")],
    inputs=evaluated_runs,
    shows=show,
    code_version="1",
    owners=["team:research"],
)
def leaderboard(build: Build, writer: Writer) -> None:
    """One row is a recipe with at least one evaluated run."""
    writer.table(compare(build.reader))


def evaluated(reader: TableReader) -> list[str]:
    """List the evaluated runs of the recipes and seeds of recipes.py."""
    wanted = {f"{recipe}/{seed}" for recipe in BY_NAME for seed in SEEDS}
    return [key for key in reader.partitions("evaluations") if key in wanted]


def compare(reader: TableReader) -> pa.Table:
    """Gather the live evaluations by recipe, in the order of recipes.py."""
    runs = evaluated(reader)
    rows: list[dict[str, Any]] = []
    for recipe in BY_NAME:
        found = [reader.required("evaluations", key) for key in runs if key.split("/")[0] == recipe]
        if found:
            rows.append(_row(reader, recipe, found))
    return pa.Table.from_pylist(rows, schema=RANKING.schema)


def _row(reader: TableReader, recipe: str, of_runs: list[Manifest]) -> dict[str, Any]:
    """Describe one recipe by the mixture that its runs consumed."""
    facts = of_runs[0].facts
    row: dict[str, Any] = {
        "recipe": recipe,
        "runs": len(of_runs),
        "documents": facts["mixture_documents"],
        "tokens": facts["mixture_tokens"],
        "kept_fraction": facts["mixture_kept_fraction"],
    }
    metrics = [metric for manifest in of_runs for metric in reader.table(manifest).to_pylist()]
    for name, targets in _OF_SLICE.items():
        values = [metric for metric in metrics if metric["slice"] == name]
        for target, source in zip(targets, ("value", "low", "high"), strict=True):
            row[target] = sum(value[source] for value in values) / len(values) if values else None
    return row

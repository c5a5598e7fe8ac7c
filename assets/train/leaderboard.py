"""The leaderboard: recipes beside each other, by what their models pay for unseen text.

A recipe is compared with `random` by runs of the same seed, on the same documents: in such a difference is
neither the luck of a seed nor the difficulty of a document. Intervals are over seeds and over held-out
groups, since the documents of one package are alike.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.asset import Inputs, lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME, split_run
from assets.graph.reader import TableReader
from assets.graph.reads import named
from assets.graph.tables import ColumnSpec, TableSpec
from assets.train.inputs.run_costs import RunCosts, run_costs
from guyot.stats import interval_text
from guyot.train.paired_costs import (
    PairedCosts,
    difference,
    mean_cost,
    seed_differences,
    seeds_needed,
    verdict,
)
from recipes import SEEDS
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.settings import Settings

_OF_SLICE = {
    "all": ("bits_per_byte", "low", "high"),
    "short": ("bits_per_byte_short", "bits_per_byte_short_low", "bits_per_byte_short_high"),
    "long": ("bits_per_byte_long", "bits_per_byte_long_low", "bits_per_byte_long_high"),
}
BASELINE = "random"
_ENDS = ("difference", "difference_low", "difference_high")
_DIFFERENCE = (
    ColumnSpec(
        "difference", pa.float64(),
        "bits per byte more than random's by the seeds that both have, below 0 better; null without them",
    ),
    ColumnSpec("difference_low", pa.float64(), "lower end of its 95% interval over seeds and groups"),
    ColumnSpec("difference_high", pa.float64(), "upper end"),
    ColumnSpec("verdict", pa.string(), "better, worse, or no difference shown: the interval holds 0"),
)  # fmt: skip
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
        ColumnSpec("low", pa.float64(), "lower end of its 95% interval over seeds and held-out groups"),
        ColumnSpec("high", pa.float64(), "upper end"),
        ColumnSpec("bits_per_byte_short", pa.float64(), "on the shorter half of them"),
        ColumnSpec("bits_per_byte_short_low", pa.float64(), "lower end"),
        ColumnSpec("bits_per_byte_short_high", pa.float64(), "upper end"),
        ColumnSpec("bits_per_byte_long", pa.float64(), "on the longest tenth"),
        ColumnSpec("bits_per_byte_long_low", pa.float64(), "lower end"),
        ColumnSpec("bits_per_byte_long_high", pa.float64(), "upper end"),
        *_DIFFERENCE,
        ColumnSpec("paired_seeds", pa.int64(), "seeds that both were trained with"),
        ColumnSpec("held_out_groups", pa.int64(), "held-out groups, such as packages, behind the values"),
        ColumnSpec(
            "seeds_needed", pa.int64(),
            "paired seeds that would show a difference of training.resolution with a power of 0.8, by the "
            "spread so far; null with fewer than two",
        ),
    ),
)  # fmt: skip
SLICES = TableSpec(
    "leaderboard_slices",
    "a recipe on a slice of the held-out documents",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec("slice", pa.string(), "all, short, long, or a kind of documents"),
        ColumnSpec("bits_per_byte", pa.float64(), "mean over seeds"),
        ColumnSpec("low", pa.float64(), "lower end of its 95% interval over seeds and held-out groups"),
        ColumnSpec("high", pa.float64(), "upper end"),
        *_DIFFERENCE,
        ColumnSpec("documents", pa.int64(), "held-out documents in the slice"),
        ColumnSpec("held_out_groups", pa.int64(), "their groups"),
    ),
    file="slices.parquet",
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
    """Show the comparison as a table, and what each recipe differs from random."""
    from assets.charts.drawing import markdown_picture
    from assets.charts.evidence import differences

    rows = reader.table(manifest).to_pylist()
    lines = [
        "| recipe | documents | kept | bits per byte | more than random | |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        cells = (_interval(row, "bits_per_byte", "low", "high"), _interval(row, *_ENDS), row["verdict"] or "")
        about = f"| {row['recipe']} | {row['documents']:,} | {row['kept_fraction']:.1%} |"
        lines.append(f"{about} {' | '.join(cells)} |")
    shown = {"table": dg.MetadataValue.md("\n".join(lines))}
    compared = [row for row in rows if row["difference"] is not None]
    if compared:
        shown["differences"] = dg.MetadataValue.md(markdown_picture(differences(compared, list(BY_NAME))))
    return shown


def _interval(row: dict[str, Any], value: str, low: str, high: str) -> str:
    """Write a value with its interval, where there is one."""
    return "" if row[value] is None else interval_text(row[value], row[low], row[high])


@lake_asset(
    group_name="train",
    tables=[RANKING, SLICES],
    reads=[named("evaluations"), named("pruned_mixtures")],
    inputs=evaluated_runs,
    settings=("audit.bootstrap_draws", "training.resolution", "seed"),
    shows=show,
    code_version="2",
    owners=["team:research"],
)
def leaderboard(build: Build, writer: Writer) -> None:
    """One row is a recipe with at least one evaluated run; slices.parquet has it by length and kind."""
    ranking, by_slice = compare(build.reader, build.settings)
    writer.table(ranking)
    writer.table(by_slice, SLICES.file)


def evaluated(reader: TableReader) -> list[str]:
    """List the evaluated runs of the recipes and seeds of recipes.py."""
    wanted = {f"{recipe}/{seed}" for recipe in BY_NAME for seed in SEEDS}
    return [key for key in reader.partitions("evaluations") if key in wanted]


def compare(reader: TableReader, settings: Settings) -> tuple[pa.Table, pa.Table]:
    """Compare the live evaluations in the order of recipes.py: (by recipe, by recipe and slice)."""
    runs = evaluated(reader)
    of_recipes = {
        recipe: [reader.required("evaluations", key) for key in runs if split_run(key)[0] == recipe]
        for recipe in BY_NAME
    }
    costs = {recipe: run_costs(reader, found) for recipe, found in of_recipes.items() if found}
    ranking: list[dict[str, Any]] = []
    by_slice: list[dict[str, Any]] = []
    for recipe, found in costs.items():
        baseline = None if recipe == BASELINE else costs.get(BASELINE)
        rows = [] if found is None else _slice_rows(recipe, found, baseline, settings)
        by_slice += rows
        facts = of_recipes[recipe][0].facts
        ranking.append(
            {
                "recipe": recipe,
                "runs": len(of_recipes[recipe]),
                "documents": facts["mixture_documents"],
                "tokens": facts["mixture_tokens"],
                "kept_fraction": facts["mixture_kept_fraction"],
                **_ranked(rows),
                **_power(found, baseline, settings),
            }
        )
    return (
        pa.Table.from_pylist(ranking, schema=RANKING.schema),
        pa.Table.from_pylist(by_slice, schema=SLICES.schema),
    )


def _slice_rows(
    recipe: str, costs: RunCosts, baseline: RunCosts | None, settings: Settings
) -> list[dict[str, Any]]:
    """Describe a recipe on each slice of the held-out documents."""
    bootstrap = {"draws": settings.audit.bootstrap_draws, "seed": settings.seed}
    rows: list[dict[str, Any]] = []
    for name, chosen in costs.slices().items():
        own = mean_cost(costs.of(chosen), **bootstrap)
        row = {
            "recipe": recipe, "slice": name, "bits_per_byte": own.value, "low": own.low, "high": own.high,
            "documents": len(chosen), "held_out_groups": own.n,
        }  # fmt: skip
        pair = _pair(costs, baseline, chosen)
        if pair is not None:
            found = difference(*pair, **bootstrap)
            row |= dict(zip(_ENDS, (found.value, found.low, found.high), strict=True))
            row["verdict"] = verdict(found)
        rows.append(row)
    return rows


def _pair(
    costs: RunCosts, baseline: RunCosts | None, chosen: NDArray[np.int64]
) -> tuple[PairedCosts, PairedCosts] | None:
    """Return the costs of a recipe and of the baseline on the same documents, where they share a seed."""
    if baseline is None or not np.isin(costs.seeds, baseline.seeds).any():
        return None
    return costs.shared_with(baseline, chosen)


def _ranked(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Put a recipe's slices into one row."""
    by_name = {row["slice"]: row for row in rows}
    ranked: dict[str, Any] = {}
    for name, targets in _OF_SLICE.items():
        for target, source in zip(targets, _OF_SLICE["all"], strict=True):
            ranked[target] = by_name[name][source] if name in by_name else None
    whole = by_name.get("all", {})
    return ranked | {name: whole.get(name) for name in (*_ENDS, "verdict", "held_out_groups")}


def _power(costs: RunCosts | None, baseline: RunCosts | None, settings: Settings) -> dict[str, Any]:
    """Count the seeds that were paired, and those that a small difference would need."""
    pair = None if costs is None else _pair(costs, baseline, np.arange(len(costs.ids)))
    if pair is None:
        return {"paired_seeds": 0, "seeds_needed": None}
    differences = seed_differences(*pair)
    needed = seeds_needed(differences, settings.training.resolution)
    return {"paired_seeds": len(differences), "seeds_needed": needed}

"""The leaderboard: recipes beside each other, by what their models pay for unseen text.

A recipe is compared with `random` by runs of the same seed, on the same documents: in such a difference is
neither the luck of a seed nor the difficulty of a document. Intervals are over seeds and over held-out
groups, since the documents of one package are alike. Each value is given once more without the held-out
documents that a compared recipe trains on a copy of.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa

from assets.graph.asset import Inputs, lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME, split_run
from assets.graph.reader import TableReader
from assets.graph.reads import named
from assets.train.comparing import contaminated_documents
from assets.train.comparing.contaminated_documents import ContaminatedDocuments
from assets.train.comparing.mean_curves import CURVES, MeanCurve, curve_rows, efficiency, mean_curves
from assets.train.comparing.recipe_rows import RANKING, SLICES, power, ranked, slice_rows
from assets.train.comparing.run_costs import run_costs
from guyot.stats import interval_text
from recipes import SEEDS
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.setting_groups import IMAGE, TEXT
from resources.settings import Settings

BASELINE = "random"
_COLUMNS = (
    ("recipe", "---"),
    ("documents", "---:"),
    ("kept", "---:"),
    ("bits per byte", "---:"),
    ("more than random", "---:"),
    ("", "---"),
    ("without copies", "---:"),
    ("more than random", "---:"),
    ("", "---"),
    ("tokens to random's end", "---:"),
)


def evaluated_runs(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State every evaluation of a run of recipes.py, every mixture, and the contamination scores if any."""
    mixtures = [name for name in reader.partitions("pruned_mixtures") if name in BY_NAME]
    partitions = {"evaluations": evaluated(reader), "pruned_mixtures": mixtures}
    inputs = {
        f"{table}/{partition}": reader.required(table, partition).version
        for table, names in partitions.items()
        for partition in names
    }
    scores = reader.current("contamination_scores")
    if scores is not None:
        # with the snapshot, on which it hangs for whom they count
        inputs["contamination_scores"] = scores.version
    return dict.fromkeys(keys, inputs)


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Show the comparison as a table, with copies and without, and what each recipe differs from random."""
    from assets.charts.drawing import markdown_picture
    from assets.charts.evidence import differences, learning_curves

    rows = reader.table(manifest).to_pylist()
    lines = [[name for name, _ in _COLUMNS], [ends for _, ends in _COLUMNS], *map(_cells, rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    shown: dict[str, Any] = {"table": dg.MetadataValue.md(f"{table}\n\n{_left_out(rows, manifest)}")}
    compared = [row for row in rows if row["difference"] is not None]
    if compared:
        shown["differences"] = dg.MetadataValue.md(markdown_picture(differences(compared, list(BY_NAME))))
    curves = reader.table(manifest, CURVES.file).to_pylist()
    if curves:
        chart = learning_curves(curves, BASELINE, list(BY_NAME))
        shown["learning curves"] = dg.MetadataValue.md(markdown_picture(chart))
    return shown


def _cells(row: dict[str, Any]) -> list[str]:
    """Write a recipe's cells of the table."""
    clean, difference_clean = (
        _interval(row, *(f"{name}_clean{end}" for end in ("", "_low", "_high")))
        for name in ("bits_per_byte", "difference")
    )
    reached = row["tokens_to_random"]
    return [
        row["recipe"], f"{row['documents']:,}", f"{row['kept_fraction']:.1%}",
        _interval(row, "bits_per_byte", "low", "high"),
        _interval(row, "difference", "difference_low", "difference_high"), row["verdict"] or "",
        clean, difference_clean, row["verdict_clean"] or "",
        "" if reached is None else f"{reached:,.0f} ({row['tokens_to_random_fraction']:.0%})",
    ]  # fmt: skip


def _left_out(rows: list[dict[str, Any]], manifest: Manifest) -> str:
    """Say how many held-out documents are left out, or for which recipes it is not known, and why."""
    counted = [row for row in rows if row["contaminated_documents"] is not None]
    numbers = sorted({(row["contaminated_documents"], row["held_out_documents"]) for row in counted})
    parts = [f"{copies:,} of {documents:,}" for copies, documents in numbers]
    said = (
        f"Without copies: {' or '.join(parts)} held-out documents are left out, since a compared mixture "
        "keeps an exact, near or overlapping copy of them."
    )
    unknown = manifest.facts.get("contamination_unknown", "")
    return " ".join([*([said] if parts else []), *([f"Not known: {unknown}."] if unknown else [])])


def _interval(row: dict[str, Any], value: str, low: str, high: str) -> str:
    """Write a value with its interval, where there is one."""
    return "" if row[value] is None else interval_text(row[value], row[low], row[high])


@lake_asset(
    group_name="train",
    tables=[RANKING, SLICES, CURVES],
    reads=[named("evaluations"), *contaminated_documents.READS],
    inputs=evaluated_runs,
    settings=("audit.bootstrap_draws", "training.resolution", "seed"),
    shows=show,
    documents=(TEXT, IMAGE),
    code_version="3",
    owners=["team:research"],
)
def leaderboard(build: Build, writer: Writer) -> None:
    """One row is a recipe with at least one evaluated run; slices.parquet has it by length and kind.

    curves.parquet has what its models paid while they were trained, the mean over them.
    """
    runs = runs_of_recipes(build.reader)
    contaminated = contaminated_documents.contaminated_documents(build.reader, runs)
    curves = mean_curves(build.reader, runs, BASELINE)
    ranking, by_slice = compare(build.reader, runs, contaminated, curves, build.settings)
    writer.table(ranking)
    writer.table(by_slice, SLICES.file)
    writer.table(curve_rows(curves), CURVES.file)
    writer.facts["contamination_unknown"] = contaminated.unknown


def evaluated(reader: TableReader) -> list[str]:
    """List the evaluated runs of the recipes and seeds of recipes.py."""
    wanted = {f"{recipe}/{seed}" for recipe in BY_NAME for seed in SEEDS}
    return [key for key in reader.partitions("evaluations") if key in wanted]


def runs_of_recipes(reader: TableReader) -> dict[str, list[Manifest]]:
    """Return the live evaluations of each recipe that has some, in the order of recipes.py."""
    runs = evaluated(reader)
    of_recipes = {
        recipe: [reader.required("evaluations", key) for key in runs if split_run(key)[0] == recipe]
        for recipe in BY_NAME
    }
    return {recipe: found for recipe, found in of_recipes.items() if found}


def compare(
    reader: TableReader,
    runs: Mapping[str, Sequence[Manifest]],
    contaminated: ContaminatedDocuments,
    curves: Mapping[str, MeanCurve],
    settings: Settings,
) -> tuple[pa.Table, pa.Table]:
    """Compare evaluations: (by recipe, by recipe and slice), in the order of `runs`."""
    costs = {recipe: run_costs(reader, found) for recipe, found in runs.items()}
    ranking: list[dict[str, Any]] = []
    by_slice: list[dict[str, Any]] = []
    for recipe, found in costs.items():
        baseline = None if recipe == BASELINE else costs.get(BASELINE)
        left_out = contaminated.of(recipe)
        rows = [] if found is None else slice_rows(recipe, found, baseline, left_out, settings)
        by_slice += rows
        facts = runs[recipe][0].facts
        ranking.append(
            {
                "recipe": recipe,
                "runs": len(runs[recipe]),
                "documents": facts["mixture_documents"],
                "tokens": facts["mixture_tokens"],
                "kept_fraction": facts["mixture_kept_fraction"],
                **ranked(rows),
                **power(found, baseline, settings),
                **efficiency(curves.get(recipe), curves.get(BASELINE)),
                "contaminated_documents": (
                    None if found is None or left_out is None else int(found.is_among(left_out).sum())
                ),
            }
        )
    return (
        pa.Table.from_pylist(ranking, schema=RANKING.schema),
        pa.Table.from_pylist(by_slice, schema=SLICES.schema),
    )

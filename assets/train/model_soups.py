"""Model soups: the runs of a recipe averaged into one model, beside the best of them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa

from assets.charts import drawing, soups
from assets.graph.asset import Inputs, lake_asset
from assets.graph.build import Build
from assets.graph.documents import settings_by_documents
from assets.graph.lake import LakeResources
from assets.graph.partitions import RECIPE_KEYS
from assets.graph.reader import TableReader
from assets.graph.reads import named, one
from assets.graph.tables import ColumnSpec, TableSpec
from assets.train.inputs.ingredients import warning_of
from assets.train.inputs.initial_weights import warm_up_budget
from assets.train.inputs.souping import ALL, BEST, Soup, open_souping
from assets.train.training_runs import trainings_at_once
from guyot.stats import Interval, interval_text
from recipes import SEEDS
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.setting_groups import IMAGE, TEXT

SOUPS = TableSpec(
    "model_soups",
    "a soup of a recipe's runs, or what it is compared with",
    (
        ColumnSpec("method", pa.string(), "best_ingredient, uniform, greedy, learned[_per_layer], ensemble"),
        ColumnSpec("bits_per_byte", pa.float64(), "on held-out documents that chose nothing; or per image"),
        ColumnSpec("low", pa.float64(), "lower end of its 95% interval, by a bootstrap over documents"),
        ColumnSpec("high", pa.float64(), "upper end"),
        ColumnSpec("n", pa.int64(), "those documents"),
        ColumnSpec("bits_per_byte_choosing", pa.float64(), "on those that choose, of other groups"),
        ColumnSpec("low_choosing", pa.float64(), "lower end"),
        ColumnSpec("high_choosing", pa.float64(), "upper end"),
        ColumnSpec("n_choosing", pa.int64(), "those documents"),
        ColumnSpec("n_ingredients", pa.int64(), "runs that have a share in it"),
        ColumnSpec("shares", pa.string(), "JSON, each run's share; of learned_per_layer for each layer"),
        ColumnSpec("checkpoint", pa.string(), "the weights, relative to the lake; null of an ensemble"),
    ),
)  # fmt: skip
BARRIERS = TableSpec(
    "soup_barriers",
    "a pair of a recipe's runs",
    (
        ColumnSpec("run", pa.string(), "recipe/seed"),
        ColumnSpec("other", pa.string(), "recipe/seed of another run"),
        ColumnSpec("barrier", pa.float64(), "bits per byte, or image, that the loss rises between them"),
        ColumnSpec("bits_per_byte", pa.string(), "JSON, at evenly spread mixtures from the one to the other"),
    ),
    file="barriers.parquet",
)  # fmt: skip


def live_runs(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State the live runs of each recipe, over the seeds of recipes.py."""
    there = set(reader.partitions("training_runs"))
    wanted = {key: [f"{key}/{seed}" for seed in SEEDS if f"{key}/{seed}" in there] for key in keys}
    return {
        key: {f"training_runs/{run}": reader.required("training_runs", run).version for run in runs}
        for key, runs in wanted.items()
    }


def runs_share_weights(lake: LakeResources) -> bool:
    """Return whether runs begin with one model; the average of others is worth nothing, and dear to try."""
    return warm_up_budget(lake.settings) > 0


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Show the soups as a table, the barriers as a picture, and what there is to know of them."""
    lines = ["| method | runs | bits per byte | where it was chosen |", "|---|---:|---:|---:|"]
    for row in reader.table(manifest).to_pylist():
        reported = _interval(row["bits_per_byte"], row["low"], row["high"])
        chosen = _interval(row["bits_per_byte_choosing"], row["low_choosing"], row["high_choosing"])
        lines.append(f"| {row['method']} | {row['n_ingredients']} | {reported} | {chosen} |")
    shown: dict[str, Any] = {"table": dg.MetadataValue.md("\n".join(lines))}
    if manifest.facts["message"]:
        shown["message"] = manifest.facts["message"]
    pairs = reader.table(manifest, BARRIERS.file).to_pylist()
    if pairs:
        shown["barriers"] = dg.MetadataValue.md(drawing.markdown_picture(soups.barriers(pairs)))
    return shown


@lake_asset(
    group_name="train",
    partitions_def=RECIPE_KEYS,
    tables=[SOUPS, BARRIERS],
    reads=[
        named("training_runs"), named("epoch_schedules"), named("pruned_mixtures"), named("raw_shards"),
        named("quality_signals"), named("tokenizer"), one("shard_registry", is_input=False),
    ],
    inputs=live_runs,
    settings_of=settings_by_documents(
        text=(
            "training.evaluation_documents", "training.evaluation_tokens", "audit.bootstrap_draws", "seed",
        ),
        image=("training.evaluation_documents", "audit.bootstrap_draws", "seed"),
    ),
    shows=show,
    is_wanted=runs_share_weights,
    at_once=trainings_at_once,
    documents=(TEXT, IMAGE),
    code_version="1",
    kinds=["pytorch"],
    owners=["team:research"],
)  # fmt: skip
def model_soups(build: Build, writer: Writer) -> None:
    """One row is a soup of a recipe's live runs, or what it is compared with: the best run, the ensemble.

    The ensemble averages the runs' probabilities of each token, and is no model. The held-out documents are
    divided by group: one part chooses the best run, the greedy soup and the learned shares, the other is
    reported. Of one run there is its row without figures, which evaluations has, and nothing fails; of no
    run there is no row. Runs of different architectures or tokenizers are refused; those of different
    initial weights are averaged, and a message says that this rarely goes well; they are only where someone
    asks for it, by a backfill or in the UI.
    """
    runs = [build.reader.pinned(*_split(name), version) for name, version in build.spec.inputs.items()]
    if len(runs) < 2:
        _write_few(build, writer, runs)
        return
    souping, reported = open_souping(build.lake, build.reader, runs)
    ingredients, choosing, settings = souping.ingredients, souping.choosing, build.settings
    bootstrap = {"draws": settings.audit.bootstrap_draws, "seed": settings.seed}
    rows: list[dict[str, Any]] = []
    for soup in souping.make_all():
        found = souping.bits(soup, reported, **bootstrap), souping.bits(soup, choosing, **bootstrap)
        place = _write_weights(build, writer, soup, {one.run_id: one.record for one in ingredients})
        rows.append(_row(soup, *found, place))
        if soup.trials:
            writer.facts["greedy"] = [
                {**vars(trial), "ingredient": ingredients[trial.ingredient].run_id} for trial in soup.trials
            ]
    writer.table(pa.Table.from_pylist(rows, SOUPS.schema))
    pairs = [
        {"run": ingredients[i].key, "other": ingredients[j].key, "barrier": found.height,
         "bits_per_byte": json.dumps(found.losses.tolist())}
        for (i, j), found in souping.barriers().items()
    ]  # fmt: skip
    writer.table(pa.Table.from_pylist(pairs, BARRIERS.schema), BARRIERS.file)
    writer.facts |= {"runs": len(runs), "message": warning_of(ingredients)}


def _write_few(build: Build, writer: Writer, runs: list[Manifest]) -> None:
    """Write what there is to say of one run, or none."""
    rows: list[dict[str, Any]] = []
    for run in runs:
        (record,) = build.reader.table(run).to_pylist()
        alone = Soup(BEST, None, {ALL: {record["run_id"]: 1.0}})
        rows.append(_row(alone, None, None, record["checkpoint"]))
    writer.table(pa.Table.from_pylist(rows, SOUPS.schema))
    writer.table(BARRIERS.schema.empty_table(), BARRIERS.file)
    message = f"{len(runs)} runs of {build.key}: a soup needs 2 or more; add seeds to SEEDS in recipes.py"
    writer.facts |= {"runs": len(runs), "message": message}


def _write_weights(build: Build, writer: Writer, soup: Soup, records: dict[str, Any]) -> str | None:
    """Write a soup's weights; return where they are, for the best ingredient its run's own."""
    if soup.weights is None:
        return None
    if soup.method == BEST:
        (run,) = [run for run, share in soup.shares[ALL].items() if share]
        return str(records[run]["checkpoint"])
    import safetensors.numpy

    name = f"{soup.method}.safetensors"
    with writer.file(name) as file:
        file.write(safetensors.numpy.save(soup.weights, {"format": "pt"}))
    return f"model_soups/{build.key}/{build.spec.version}/{name}"


def _row(
    soup: Soup, reported: Interval | None, choosing: Interval | None, place: str | None
) -> dict[str, Any]:
    """Describe a soup."""
    row: dict[str, Any] = {"method": soup.method, "n_ingredients": soup.n_ingredients, "checkpoint": place}
    row["shares"] = json.dumps(soup.shares.get(ALL, soup.shares), sort_keys=True)
    for suffix, found in (("", reported), ("_choosing", choosing)):
        values = (found.value, found.low, found.high, found.n) if found else (None, None, None, 0)
        row |= dict(zip((f"{n}{suffix}" for n in ("bits_per_byte", "low", "high", "n")), values, strict=True))
    return row


def _split(name: str) -> tuple[str, str]:
    """Split the name of an input into its table and key."""
    table, _, key = name.partition("/")
    return table, key


def _interval(value: float | None, low: float, high: float) -> str:
    """Write a value with its interval."""
    return "not evaluated" if value is None else interval_text(value, low, high)

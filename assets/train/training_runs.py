"""Training runs: a small model per recipe and seed, tied to the exact mixture it saw.

Of texts a language model, of images a classifier or a model of images and captions.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from assets.graph.asset import Inputs, Name, lake_asset
from assets.graph.build import Build
from assets.graph.documents import settings_by_documents
from assets.graph.lake import LakeResources
from assets.graph.partitions import RUNS, split_run
from assets.graph.reader import TableReader
from assets.graph.reads import named, one
from assets.graph.snapshot import snapshot_of
from assets.graph.tables import ColumnSpec, TableSpec
from assets.prune import epoch_schedules
from assets.train.inputs.image_training import train_on_images
from assets.train.inputs.initial_weights import (
    INIT,
    initial_weights,
    order_seed,
    warm_up_budget,
    warm_up_of,
)
from assets.train.inputs.planned_reading import CurvePlan, PlannedReading, Trained
from assets.train.inputs.run_documents import PLAIN, RUN_DOCUMENTS, run_documents
from assets.train.inputs.text_training import train_on_texts
from guyot.train.image_targets import ImageTargets
from resources.lake.manifest import WHOLE, Manifest
from resources.lake.writer import Writer
from resources.setting_groups import IMAGE, TEXT

CHECKPOINT = "model.safetensors"
CODE_VERSION = "4"
RECORD = TableSpec(
    "training_runs",
    "a run",
    (
        ColumnSpec("run_id", pa.string(), "the run"),
        ColumnSpec("recipe", pa.string(), "what it was trained on"),
        ColumnSpec("seed", pa.int64(), "of the initial weights"),
        ColumnSpec("mixture_version", pa.string(), "exactly which mixture"),
        ColumnSpec("schedule_version", pa.string(), "in exactly which order"),
        ColumnSpec("tokenizer_version", pa.string(), "by which tokenizer"),
        ColumnSpec("init", pa.string(), "digest of the initial weights"),
        ColumnSpec(
            "config", pa.string(), "JSON, the model, its training, and the shared_init that it began with"
        ),
        ColumnSpec("code_version", pa.string(), "of this asset"),
        ColumnSpec("tokens", pa.int64(), "tokens read; of images the images"),
        ColumnSpec("steps", pa.int64(), "updates"),
        ColumnSpec("wall_seconds", pa.float64(), "time of the training"),
        ColumnSpec("checkpoint", pa.string(), "the weights, relative to the lake"),
    ),
    key_columns=(),
)
LOSS = TableSpec(
    "training_loss",
    "a step of a run",
    (
        ColumnSpec("step", pa.int64(), "the update, from 0"),
        ColumnSpec("tokens", pa.int64(), "tokens, or images, read up to it"),
        ColumnSpec("loss", pa.float64(), "nats per token, or image, mean of the step before its update"),
    ),
    file="loss.parquet",
    key_columns=(("run", '"key"'), ("version", "version")),
)
CURVE = TableSpec(
    "training_curves",
    "a point of a run's learning curve",
    (
        ColumnSpec("tokens", pa.int64(), "tokens, or images, read up to it; the first point is before any"),
        ColumnSpec(
            "bits_per_byte", pa.float64(),
            "of training.curve_tokens held-out tokens, the same for all recipes and seeds of a snapshot; of "
            "images bits per image, of training.curve_images",
        ),
    ),
    file="curve.parquet",
    key_columns=(("run", '"key"'), ("version", "version")),
)  # fmt: skip
_PINNED_OF_SNAPSHOT = ("raw_shards", "quality_signals")


def schedules_of_runs(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State the exact version of each run's schedule and, through it, its mixture; and the common model."""
    init = {INIT: reader.origin(INIT).content} if warm_up_budget(lake.settings) else {}
    schedules = {recipe: reader.required("epoch_schedules", recipe) for recipe, _ in map(split_run, keys)}
    return {key: {"epoch_schedules": schedules[split_run(key)[0]].version, **init} for key in keys}


_SETTINGS_OF_DOCUMENTS = settings_by_documents(
    text=(
        "training.tokens", "training.learning_rate", "training.batch_windows", "training.window_tokens",
        "training.model_width", "training.model_layers", "training.model_heads", "training.curve_points",
        "training.curve_tokens",
    ),
    image=(
        "training.images", "training.learning_rate", "training.batch_images", "training.image_side",
        "training.image_width", "training.curve_points", "training.curve_images",
    ),
)  # fmt: skip


def settings_of_run(lake: LakeResources, key: str) -> dict[str, Any]:
    """Return the settings of a run's training, and the seed of its initial weights."""
    return {**_SETTINGS_OF_DOCUMENTS(lake, key), "run_seed": split_run(key)[1]}


def trainings_at_once(lake: LakeResources) -> int:
    """Return how many trainings run at a time; 0 is one for each of the engine's workers."""
    return lake.trainer.at_once


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Count the documents that a run read, and how often it read them."""
    read = reader.table(manifest, RUN_DOCUMENTS.file, ["exposures"])["exposures"]
    return {"documents read": len(read), "exposures": pc.sum(read).as_py() or 0}


def pins(reader: TableReader, run: Manifest) -> set[Name]:
    """Name the versions that a run consumed: its schedule, mixture and tokenizer, and the documents."""
    recipe, _ = split_run(run.key)
    (record,) = reader.table(run, columns=["tokenizer_version", "config"]).to_pylist()
    mixture_version = run.facts["mixture_version"]
    pinned: set[Name] = {
        ("epoch_schedules", recipe, run.facts["schedule_version"]),
        ("pruned_mixtures", recipe, mixture_version),
        ("tokenizer", WHOLE, record["tokenizer_version"]),
    }
    warm_up = warm_up_of(record["config"])
    pinned |= {(INIT, WHOLE, warm_up)} if warm_up else set()
    mixture = reader.manifest("pruned_mixtures", recipe, mixture_version)
    if mixture is not None:
        shards = snapshot_of(mixture).shards
        pinned |= {(table, s, shards[s][table]) for s in shards for table in _PINNED_OF_SNAPSHOT}
    return pinned


@lake_asset(
    group_name="train",
    partitions_def=RUNS,
    tables=[RECORD, LOSS, CURVE, RUN_DOCUMENTS],
    reads=[
        named("epoch_schedules"), one("tokenizer"), named("pruned_mixtures"), named("quality_signals"),
        named("shared_init"), named("raw_shards"),
    ],
    inputs=schedules_of_runs,
    settings_of=settings_of_run,
    shows=show,
    pins=pins,
    keeps_all_versions=True,
    at_once=trainings_at_once,
    is_resumable=True,
    documents=(TEXT, IMAGE),
    code_version=CODE_VERSION,
    kinds=["pytorch"],
    owners=["team:research"],
    pool="memory",
)  # fmt: skip
def training_runs(build: Build, writer: Writer) -> None:
    """One row is a run; beside it lie the weights, its losses, its learning curve and what it read."""
    reader, version = build.reader, build.spec.version
    recipe, seed = split_run(build.key)
    schedule_version = build.spec.inputs["epoch_schedules"]
    pinned = reader.pinned("epoch_schedules", recipe, schedule_version)
    mixture = epoch_schedules.mixture_of(reader, pinned)
    init = initial_weights(build)
    shuffled = order_seed(pinned, seed) if init.version else None
    ids, schedule = epoch_schedules.schedule_of(reader, pinned, shuffled)
    tokenizer = reader.required("tokenizer")
    reading = PlannedReading(
        snapshot_of(mixture), tokenizer, ids, schedule, seed, init.weights, build.settings
    )
    targets, curve = ImageTargets.from_facts(pinned.facts), CurvePlan(mixture, pinned.facts["seed"])
    trained = (
        train_on_texts(build, reading, curve) if targets is None
        else train_on_images(build, reading, targets, curve)
    )  # fmt: skip
    result = trained.result
    warm_up = {"shared_init": init.version, "order_seed": shuffled} if init.version else {}
    config = result.config | trained.config | warm_up
    record = {
        "run_id": f"{recipe}-{seed}-{version}",
        "recipe": recipe,
        "seed": seed,
        "mixture_version": mixture.version,
        "schedule_version": schedule_version,
        "tokenizer_version": tokenizer.version,
        "init": result.init,
        "config": json.dumps(config, sort_keys=True),
        "code_version": CODE_VERSION,
        "tokens": result.tokens,
        "steps": len(result.steps),
        "wall_seconds": result.wall_seconds,
        "checkpoint": f"training_runs/{build.key}/{version}/{CHECKPOINT}",
    }
    _write(writer, record, trained)
    writer.table(run_documents(record["run_id"], ids, schedule), RUN_DOCUMENTS.file, plain=PLAIN)
    writer.content = version  # the record holds a time, which is no part of what was trained


def _write(writer: Writer, record: dict[str, Any], trained: Trained) -> None:
    """Write a run's record, losses, learning curve and weights."""
    result = trained.result
    writer.table(pa.Table.from_pylist([record], RECORD.schema))
    losses = pa.table([result.steps, result.step_tokens, result.losses], schema=LOSS.schema)
    writer.table(losses, LOSS.file)
    with writer.file(CHECKPOINT) as file:
        file.write(result.weights)
    writer.facts |= {name: record[name] for name in ("run_id", "mixture_version", "schedule_version")}
    bits = result.curve_nats / max(1, trained.curve_bytes) / math.log(2)
    writer.table(pa.table([result.curve_tokens, bits], schema=CURVE.schema), CURVE.file)
    writer.facts["curve"] = trained.curve

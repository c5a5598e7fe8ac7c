"""Training runs: a small language model per recipe and seed, tied to the exact mixture it saw."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.asset import Inputs, Name, lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.graph.partitions import RUNS, split_run
from assets.graph.reader import TableReader
from assets.graph.reads import named, one
from assets.graph.snapshot import snapshot_of
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.tokenizer import open_tokenizer
from assets.prune import epoch_schedules
from assets.train.inputs.stored_tokens import stored_tokens
from guyot.train.schedule import Schedule, segments
from resources.lake.manifest import WHOLE, Manifest
from resources.lake.writer import Writer
from resources.models.trainer import TrainingResult
from resources.progress import WorkProgress

CHECKPOINT = "model.safetensors"
CODE_VERSION = "3"
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
        ColumnSpec("config", pa.string(), "JSON, the model and how it was trained"),
        ColumnSpec("code_version", pa.string(), "of this asset"),
        ColumnSpec("tokens", pa.int64(), "tokens read"),
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
        ColumnSpec("tokens", pa.int64(), "tokens read up to it"),
        ColumnSpec("loss", pa.float64(), "nats per token, mean of the step before its update"),
    ),
    file="loss.parquet",
    key_columns=(("run", '"key"'), ("version", "version")),
)
_PINNED_OF_SNAPSHOT = ("raw_shards", "quality_signals")


def schedules_of_runs(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State the exact version of each run's schedule and, through it, of its mixture."""
    schedules = {recipe: reader.required("epoch_schedules", recipe) for recipe, _ in map(split_run, keys)}
    return {key: {"epoch_schedules": schedules[split_run(key)[0]].version} for key in keys}


def seed_of_run(lake: LakeResources, key: str) -> dict[str, Any]:
    """Return the seed of a run's initial weights."""
    return {"run_seed": split_run(key)[1]}


def trainings_at_once(lake: LakeResources) -> int:
    """Return how many trainings run at a time; 0 is one for each of the engine's workers."""
    return lake.trainer.at_once


def pins(reader: TableReader, run: Manifest) -> set[Name]:
    """Name the versions that a run consumed: its schedule, mixture and tokenizer, and the documents."""
    recipe, _ = split_run(run.key)
    (record,) = reader.table(run, columns=["tokenizer_version"]).to_pylist()
    mixture_version = run.facts["mixture_version"]
    pinned: set[Name] = {
        ("epoch_schedules", recipe, run.facts["schedule_version"]),
        ("pruned_mixtures", recipe, mixture_version),
        ("tokenizer", WHOLE, record["tokenizer_version"]),
    }
    mixture = reader.manifest("pruned_mixtures", recipe, mixture_version)
    if mixture is not None:
        shards = snapshot_of(mixture).shards
        pinned |= {(table, s, shards[s][table]) for s in shards for table in _PINNED_OF_SNAPSHOT}
    return pinned


@lake_asset(
    group_name="train",
    partitions_def=RUNS,
    tables=[RECORD, LOSS],
    reads=[
        named("epoch_schedules"), one("tokenizer"), named("pruned_mixtures"), named("quality_signals"),
    ],
    inputs=schedules_of_runs,
    settings=(
        "training.tokens", "training.learning_rate", "training.batch_windows", "training.window_tokens",
        "training.model_width", "training.model_layers", "training.model_heads",
    ),
    settings_of=seed_of_run,
    pins=pins,
    keeps_all_versions=True,
    at_once=trainings_at_once,
    code_version=CODE_VERSION,
    kinds=["pytorch"],
    owners=["team:research"],
    pool="memory",
)  # fmt: skip
def training_runs(build: Build, writer: Writer) -> None:
    """One row is a run; the weights and loss.parquet, a row per step, lie beside."""
    reader, version = build.reader, build.spec.version
    recipe, seed = split_run(build.key)
    schedule_version = build.spec.inputs["epoch_schedules"]
    pinned = reader.pinned("epoch_schedules", recipe, schedule_version)
    mixture = epoch_schedules.mixture_of(reader, pinned)
    ids, schedule = epoch_schedules.schedule_of(reader, pinned)
    tokenizer_of_run = reader.required("tokenizer")
    tokenizer = open_tokenizer(reader, tokenizer_of_run.version)
    tokens = _tokens_of(reader, tokenizer_of_run, mixture, ids, schedule)
    progress = WorkProgress(f"training {build.key}", schedule.train_tokens, "tokens")
    result = build.lake.trainer.train(
        (tokens[segment.row, segment.first_token][: segment.n_tokens] for segment in segments(schedule)),
        vocabulary_size=tokenizer.vocabulary_size,
        seed=seed,
        progress=progress.at,
    )
    record = {
        "run_id": f"{recipe}-{seed}-{version}",
        "recipe": recipe,
        "seed": seed,
        "mixture_version": mixture.version,
        "schedule_version": schedule_version,
        "tokenizer_version": tokenizer_of_run.version,
        "init": result.init,
        "config": json.dumps(result.config, sort_keys=True),
        "code_version": CODE_VERSION,
        "tokens": result.tokens,
        "steps": len(result.steps),
        "wall_seconds": result.wall_seconds,
        "checkpoint": f"training_runs/{build.key}/{version}/{CHECKPOINT}",
    }
    _write(writer, record, result)
    writer.content = version  # the record holds a time, which is no part of what was trained


def _tokens_of(
    reader: TableReader,
    tokenizer: Manifest,
    mixture: Manifest,
    ids: NDArray[np.bytes_],
    schedule: Schedule,
) -> dict[tuple[int, int], NDArray[np.int32]]:
    """Read what a schedule visits: by (row, first token) its longest segment; the budget bounds it."""
    wanted: dict[int, dict[int, int]] = {}
    for segment in segments(schedule):
        firsts = wanted.setdefault(segment.row, {})
        firsts[segment.first_token] = max(firsts.get(segment.first_token, 0), segment.n_tokens)
    visited = np.array(list(wanted), np.int64)
    visited = visited[np.argsort(ids[visited])]
    found: dict[tuple[int, int], NDArray[np.int32]] = {}
    for place, tokens in stored_tokens(reader, snapshot_of(mixture), tokenizer, ids[visited]):
        row = int(visited[place])
        for first, n_tokens in wanted[row].items():
            found[row, first] = tokens[first : first + n_tokens].copy()
    return found


def _write(writer: Writer, record: dict[str, Any], result: TrainingResult) -> None:
    """Write a run's record, losses and weights."""
    writer.table(pa.Table.from_pylist([record], RECORD.schema))
    losses = pa.table([result.steps, result.step_tokens, result.losses], schema=LOSS.schema)
    writer.table(losses, LOSS.file)
    with writer.file(CHECKPOINT) as file:
        file.write(result.weights)
    writer.facts |= {name: record[name] for name in ("run_id", "mixture_version", "schedule_version")}

"""Training runs: a small language model per recipe and seed, tied to the exact mixture it saw."""

import json
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph import snapshot
from assets.graph.build import BuildSpec, build, columns, describe_partitions
from assets.graph.partitions import ONE_RUN, RUNS, runs
from assets.ingest import tokenizer
from assets.prune import epoch_schedules
from guyot.train.schedule import Schedule, visits
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.models.tokenizer import TextTokenizer
from resources.models.trainer import Trainer, TrainingResult
from resources.progress import Progress
from resources.settings import Settings

CODE = "2"
CHECKPOINT, LOSS = "model.safetensors", "loss.parquet"
USED = (
    "training.tokens", "training.learning_rate", "training.batch_windows", "training.window_tokens",
    "training.model_width", "training.model_layers", "training.model_heads",
)  # fmt: skip


def spec(store: Store, settings: Settings, recipe: str, seed: int) -> BuildSpec:
    """State what a run is made from: the exact versions of its schedule and, through it, its mixture."""
    inputs = {
        "epoch_schedules": store.required("epoch_schedules", recipe).version,
        "tokenizer": store.required("tokenizer").content,
    }
    used = {**settings.select(*USED), "run_seed": seed}
    return BuildSpec("training_runs", inputs, used, CODE, f"{recipe}/{seed}")


@dg.asset(
    group_name="train",
    kinds={"pytorch"},
    owners=["team:research"],
    partitions_def=RUNS,
    backfill_policy=ONE_RUN,
    deps=["epoch_schedules", "tokenizer"],
    code_version=CODE,
    pool="memory",
    metadata=columns(
        run_id="string: the run",
        recipe="string: what it was trained on",
        seed="int64: of the initial weights",
        mixture_version="string: exactly which mixture",
        schedule_version="string: in exactly which order",
        tokenizer_version="string: by which tokenizer",
        init="string: digest of the initial weights",
        config="string: JSON, the model and how it was trained",
        code_version="string: of this asset",
        tokens="int64: tokens read",
        steps="int64: updates",
        wall_seconds="double: time of the training",
        checkpoint="string: the weights, relative to the lake",
    ),
)
def training_runs(
    context: dg.AssetExecutionContext, settings: Settings, store: Store, trainer: Trainer
) -> dg.MaterializeResult[Any]:
    """One row is a run; the weights and loss.parquet, a row per step, lie beside."""
    asked = runs(list(context.partition_keys))

    def work(run: tuple[str, int]) -> Manifest:
        build_spec = spec(store, settings, *run)
        return build(store, build_spec, lambda writer: _train(store, trainer, build_spec, writer))

    return describe_partitions(context, map(work, asked), len(asked), reports_progress=True)


def _train(store: Store, trainer: Trainer, build_spec: BuildSpec, writer: Writer) -> None:
    """Train one model through its schedule and write its record."""
    recipe, _, seed = build_spec.key.partition("/")
    pinned = store.pinned("epoch_schedules", recipe, build_spec.inputs["epoch_schedules"])
    used_tokenizer = store.required("tokenizer")
    reader = tokenizer.load(store, used_tokenizer.version)
    ids, schedule = epoch_schedules.schedule_of(store, pinned)
    mixture = epoch_schedules.mixture_of(store, pinned)
    tokens = _tokens_of(store, reader, mixture, ids, schedule)
    progress = Progress(f"training {build_spec.key}", schedule.train_tokens, "tokens")
    result = trainer.train(
        (tokens[visit.row, visit.first_token][: visit.n_tokens] for visit in visits(schedule)),
        vocabulary_size=reader.vocabulary_size,
        seed=int(seed),
        progress=progress.at,
    )
    record = {
        "run_id": f"{recipe}-{seed}-{build_spec.version}",
        "recipe": recipe,
        "seed": int(seed),
        "mixture_version": mixture.version,
        "schedule_version": pinned.version,
        "tokenizer_version": used_tokenizer.version,
        "init": result.init,
        "config": json.dumps(result.config, sort_keys=True),
        "code_version": CODE,
        "tokens": result.tokens,
        "steps": len(result.steps),
        "wall_seconds": result.wall_seconds,
        "checkpoint": f"training_runs/{build_spec.key}/{build_spec.version}/{CHECKPOINT}",
    }
    _write(writer, record, result)
    writer.content = build_spec.version  # the record holds a time, which is no part of what was trained


def _tokens_of(
    store: Store,
    reader: TextTokenizer,
    mixture: Manifest,
    ids: NDArray[np.bytes_],
    schedule: Schedule,
) -> dict[tuple[int, int], NDArray[np.int32]]:
    """Tokenize what a schedule visits: by (row, first token) its longest visit; the budget bounds it."""
    wanted: dict[int, dict[int, int]] = {}
    for visit in visits(schedule):
        firsts = wanted.setdefault(visit.row, {})
        firsts[visit.first_token] = max(firsts.get(visit.first_token, 0), visit.n_tokens)
    seen = np.zeros(len(ids), np.bool_)
    seen[list(wanted)] = True
    found: dict[tuple[int, int], NDArray[np.int32]] = {}
    for manifest in snapshot.of(mixture).manifests(store, "raw_shards"):
        for batch in store.batches(manifest, ["doc_id", "content"], 512):
            rows = snapshot.positions(ids, snapshot.ids_of(batch["doc_id"]))
            hit = (rows >= 0) & seen[rows]
            encoded = reader.encode(batch["content"].filter(pa.array(hit)).to_pylist())
            for row, tokens in zip(rows[hit].tolist(), encoded, strict=True):
                for first, n_tokens in wanted[row].items():
                    found[row, first] = tokens[first : first + n_tokens].copy()
    return found


def _write(writer: Writer, record: dict[str, Any], result: TrainingResult) -> None:
    """Write a run's record, losses and weights."""
    writer.table(pa.Table.from_pylist([record]))
    losses = {"step": result.steps, "tokens": result.step_tokens, "loss": result.losses}
    writer.table(pa.table(losses), LOSS)
    with writer.file(CHECKPOINT) as file:
        file.write(result.weights)
    writer.facts |= {name: record[name] for name in ("run_id", "mixture_version", "schedule_version")}

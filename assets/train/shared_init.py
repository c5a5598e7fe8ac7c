"""The common model that all runs of a sweep begin with, so that their weights can be averaged."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.asset import Inputs, lake_asset
from assets.graph.build import Build
from assets.graph.doc_ids import ids_of
from assets.graph.documents import settings_by_documents
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.reads import named
from assets.graph.snapshot import Snapshot
from assets.graph.tables import ColumnSpec, TableSpec
from assets.prune.cutting.target_texts import target_texts, targets_of
from assets.train.inputs.image_training import train_on_images
from assets.train.inputs.initial_weights import WEIGHTS, warm_up_budget
from assets.train.inputs.planned_reading import PlannedReading
from assets.train.inputs.text_training import train_on_texts
from guyot.split import TRAIN
from guyot.train.exposure import exposures
from guyot.train.image_targets import ImageTargets
from guyot.train.plan import plan
from guyot.train.schedule import Schedule
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.models import reproducibility
from resources.setting_groups import IMAGE, TEXT

WARM_UP = TableSpec(
    "shared_init",
    "a warm-up; there is none where training.warmup_tokens, of images warmup_images, is 0",
    (
        ColumnSpec("seed", pa.int64(), "of its initial weights, and of what it read"),
        ColumnSpec("tokens", pa.int64(), "tokens read; of images the images"),
        ColumnSpec("documents", pa.int64(), "training documents that it read, wholly or in part"),
        ColumnSpec("tokenizer_version", pa.string(), "by which tokenizer"),
        ColumnSpec("random_init", pa.string(), "digest of the random weights that it began with"),
        ColumnSpec("init", pa.string(), "digest of its weights, the init of the runs that begin with them"),
        ColumnSpec("loss", pa.float64(), "nats per token, or image, of its last step"),
        ColumnSpec("config", pa.string(), "JSON, the model and how it was trained"),
    ),
)
_TABLES = ("raw_shards", "quality_signals")


def documents_read(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State the tokens of all live shards where there is a warm-up; else nothing makes it stale."""
    if not warm_up_budget(lake.settings):
        return {key: {} for key in keys}
    found = {"tokenizer": reader.origin("tokenizer").content}
    for table in _TABLES:
        found |= {f"{table}/{shard}": reader.origin(table, shard).content for shard in lake.shards()}
    return dict.fromkeys(keys, found)


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Say what runs begin with."""
    rows = reader.table(manifest).to_pylist()
    if not rows:
        why = "training.warmup_tokens is 0, or of images training.warmup_images"
        return {"runs begin with": f"random weights of their own seeds: {why}"}
    read = f"{rows[0]['tokens']:,} tokens of {rows[0]['documents']:,} documents"
    return {"runs begin with": f"one model, which read {read}", "loss": rows[0]["loss"]}


@lake_asset(
    group_name="train",
    tables=[WARM_UP],
    reads=[named("raw_shards"), named("quality_signals"), named("tokenizer")],
    inputs=documents_read,
    settings_of=settings_by_documents(
        text=(
            "training.warmup_tokens", "training.warmup_seed", "training.segment_tokens",
            "training.learning_rate", "training.batch_windows", "training.window_tokens",
            "training.model_width", "training.model_layers", "training.model_heads",
        ),
        image=(
            "training.warmup_images", "training.warmup_seed", "training.image_objective",
            "training.label_column", "training.learning_rate", "training.batch_images",
            "training.image_side", "training.image_width",
        ),
    ),
    shows=show,
    is_resumable=True,
    documents=(TEXT, IMAGE),
    code_version="1",
    kinds=["pytorch"],
    owners=["team:research"],
    pool="memory",
)  # fmt: skip
def shared_init(build: Build, writer: Writer) -> None:
    """One row is the warm-up of a sweep: a model trained on random documents, which all its runs go on from.

    Runs of different random weights lie in different basins and their average is worthless; runs of one
    warmed-up model usually share a basin. The documents are drawn from all of the training split, pruned or
    not, so that no recipe is favoured; facts has what it takes to draw them again.
    """
    settings, reader = build.settings, build.reader
    n_tokens, seed = warm_up_budget(settings), settings.training.warmup_seed
    if not n_tokens:
        writer.table(WARM_UP.schema.empty_table())
        return
    snapshot = build.snapshot(*_TABLES)
    targets = targets_of(settings)
    ids, schedule = _planned(build, snapshot, targets, n_tokens)
    tokenizer = reader.required("tokenizer")
    build.require_unchanged("tokenizer", tokenizer.content)
    budget = {"training__tokens": n_tokens} if targets is None else {"training__images": n_tokens}
    reading = PlannedReading(snapshot, tokenizer, ids, schedule, seed, None, settings.changed(**budget))
    trained = train_on_texts(build, reading) if targets is None else train_on_images(build, reading, targets)
    result = trained.result
    row = {
        "seed": seed,
        "tokens": result.tokens,
        "documents": int(np.count_nonzero(exposures(schedule))),
        "tokenizer_version": tokenizer.version,
        "random_init": result.init,
        "init": reproducibility.digest(result.weights),
        "loss": float(result.losses[-1]),
        "config": json.dumps(result.config | trained.config, sort_keys=True),
    }
    writer.table(pa.Table.from_pylist([row], WARM_UP.schema))
    with writer.file(WEIGHTS) as file:
        file.write(result.weights)
    writer.facts |= {"snapshot": snapshot.shards, "seed": seed, "train_tokens": n_tokens}


def _planned(
    build: Build, snapshot: Snapshot, targets: ImageTargets | None, n_tokens: int
) -> tuple[NDArray[np.bytes_], Schedule]:
    """Plan to read the training split: (doc_ids S32[n] sorted, schedule)."""
    training = build.settings.training
    documents = snapshot.table(build.reader, "raw_shards", ["doc_id", "split"])
    signals = snapshot.table(build.reader, "quality_signals", ["doc_id", "tokens"])  # rows as in raw_shards
    wanted = pc.equal(documents["split"], TRAIN)
    ids, counts = ids_of(documents.filter(wanted)["doc_id"]), signals.filter(wanted)["tokens"].to_numpy()
    order = np.argsort(ids)
    ids, counts = ids[order], counts[order]
    if targets is None:
        return ids, plan(counts, n_tokens, training.warmup_seed, segment_tokens=training.segment_tokens)
    texts = target_texts(build.reader, snapshot, targets, TRAIN)
    has_target = np.array([bool(texts[one]) for one in ids.tolist()], np.int64)
    return ids, plan(np.ones(len(ids), np.int64), n_tokens, training.warmup_seed, repeats=has_target)

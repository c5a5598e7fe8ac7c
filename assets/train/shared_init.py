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
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.reads import named
from assets.graph.snapshot import Snapshot
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.tokenizer import open_tokenizer
from assets.train.inputs.initial_weights import WEIGHTS
from assets.train.inputs.segment_tokens import segment_tokens
from guyot.train.exposure import exposures
from guyot.train.plan import plan
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.models import language_model
from resources.models.trainer import Trainer
from resources.progress import WorkProgress
from resources.setting_groups import TEXT

WARM_UP = TableSpec(
    "shared_init",
    "a warm-up; there is none where training.warmup_tokens is 0",
    (
        ColumnSpec("seed", pa.int64(), "of its initial weights, and of what it read"),
        ColumnSpec("tokens", pa.int64(), "tokens read"),
        ColumnSpec("documents", pa.int64(), "training documents that it read, wholly or in part"),
        ColumnSpec("tokenizer_version", pa.string(), "by which tokenizer"),
        ColumnSpec("random_init", pa.string(), "digest of the random weights that it began with"),
        ColumnSpec("init", pa.string(), "digest of its weights, the init of the runs that begin with them"),
        ColumnSpec("loss", pa.float64(), "nats per token of its last step"),
        ColumnSpec("config", pa.string(), "JSON, the model and how it was trained"),
    ),
)
_TABLES = ("raw_shards", "quality_signals")


def documents_read(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State the tokens of all live shards where there is a warm-up; else nothing makes it stale."""
    if not lake.settings.training.warmup_tokens:
        return {key: {} for key in keys}
    found = {"tokenizer": reader.required("tokenizer").content}
    for table in _TABLES:
        found |= {f"{table}/{shard}": reader.required(table, shard).content for shard in lake.shards()}
    return dict.fromkeys(keys, found)


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Say what runs begin with."""
    rows = reader.table(manifest).to_pylist()
    if not rows:
        return {"runs begin with": "random weights of their own seeds: training.warmup_tokens is 0"}
    read = f"{rows[0]['tokens']:,} tokens of {rows[0]['documents']:,} documents"
    return {"runs begin with": f"one model, which read {read}", "loss": rows[0]["loss"]}


@lake_asset(
    group_name="train",
    tables=[WARM_UP],
    reads=[named("raw_shards"), named("quality_signals"), named("tokenizer")],
    inputs=documents_read,
    settings=(
        "training.warmup_tokens", "training.warmup_seed", "training.segment_tokens", "training.learning_rate",
        "training.batch_windows", "training.window_tokens", "training.model_width", "training.model_layers",
        "training.model_heads",
    ),
    shows=show,
    is_resumable=True,
    documents=(TEXT,),
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
    n_tokens, seed = settings.training.warmup_tokens, settings.training.warmup_seed
    if not n_tokens:
        writer.table(WARM_UP.schema.empty_table())
        return
    snapshot = build.snapshot(*_TABLES)
    ids, counts = _training_documents(build, snapshot)
    schedule = plan(counts, n_tokens, seed, segment_tokens=settings.training.segment_tokens)
    tokenizer = reader.required("tokenizer")
    build.require_unchanged("tokenizer", tokenizer.content)
    trainer = Trainer(settings=settings.changed(training__tokens=n_tokens))
    progress = WorkProgress("training shared_init", n_tokens, "tokens")
    result = trainer.train(
        segment_tokens(reader, snapshot, tokenizer, ids, schedule),
        vocabulary_size=open_tokenizer(reader, tokenizer.version).vocabulary_size,
        seed=seed,
        saved=build.saved_checkpoints,
        progress=progress.at,
    )
    row = {
        "seed": seed,
        "tokens": result.tokens,
        "documents": int(np.count_nonzero(exposures(schedule))),
        "tokenizer_version": tokenizer.version,
        "random_init": result.init,
        "init": language_model.digest(result.weights),
        "loss": float(result.losses[-1]),
        "config": json.dumps(result.config, sort_keys=True),
    }
    writer.table(pa.Table.from_pylist([row], WARM_UP.schema))
    with writer.file(WEIGHTS) as file:
        file.write(result.weights)
    writer.facts |= {"snapshot": snapshot.shards, "seed": seed, "train_tokens": n_tokens}


def _training_documents(build: Build, snapshot: Snapshot) -> tuple[NDArray[np.bytes_], NDArray[np.int64]]:
    """Return (doc_ids S32[n] sorted, tokens int64[n]) of the training split."""
    documents = snapshot.table(build.reader, "raw_shards", ["doc_id", "split"])
    signals = snapshot.table(build.reader, "quality_signals", ["doc_id", "tokens"])  # rows as in raw_shards
    wanted = pc.equal(documents["split"], "train")
    ids, counts = ids_of(documents.filter(wanted)["doc_id"]), signals.filter(wanted)["tokens"].to_numpy()
    order = np.argsort(ids)
    return ids[order], counts[order]

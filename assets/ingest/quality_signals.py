"""Quality signals: numbers computed from each document's content alone."""

import dataclasses
from typing import Any

import dagster as dg
import pyarrow as pa

from assets.graph.build import BuildSpec, build, columns, describe_partitions
from assets.graph.partitions import ONE_RUN, SHARDS
from assets.ingest import tokenizer
from guyot.text.signals import signals
from resources.engines.threads import Engine
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.models.tokenizer import TextTokenizer
from resources.progress import Progress
from resources.settings import Settings

CODE = "2"
SCHEMA = pa.schema(
    [
        ("doc_id", pa.string()),
        *((name, pa.int64()) for name in ("bytes", "chars", "words", "lines", "max_line", "tokens")),
        *(
            (n, pa.float64())
            for n in ("alpha_fraction", "repetition", "duplicate_lines", "compression_ratio")
        ),
        ("parses", pa.bool_()),
    ]
)
_BATCH_DOCUMENTS = 512


def spec(store: Store, shard: str) -> BuildSpec:
    """State what a shard's signals are made from."""
    inputs = {
        "raw_shards": store.required("raw_shards", shard).content,
        "tokenizer": store.required("tokenizer").content,
    }
    return BuildSpec("quality_signals", inputs, {}, CODE, shard)


@dg.asset(
    group_name="ingest",
    kinds={"parquet"},
    owners=["team:curation"],
    partitions_def=SHARDS,
    backfill_policy=ONE_RUN,
    deps=["raw_shards", "tokenizer"],
    code_version=CODE,
    metadata=columns(
        doc_id="string: the document",
        bytes="int64: its size in UTF-8",
        chars="int64: code points",
        words="int64: runs of non-space",
        lines="int64: lines",
        max_line="int64: code points of the longest line",
        tokens="int64: tokens of the lake's tokenizer, the document's first mark included",
        alpha_fraction="double: letters, per code point",
        repetition="double: share of the text in lines that repeat an earlier one",
        duplicate_lines="double: share of the lines that repeat an earlier one, empty ones aside",
        compression_ratio="double: compressed bytes per byte",
        parses="bool: whether Python can parse it; null for other kinds",
    ),
)
def quality_signals(
    context: dg.AssetExecutionContext, store: Store, engine: Engine, settings: Settings
) -> dg.MaterializeResult[Any]:
    """One row is a document, in the shard's order."""
    del settings  # shown in the launchpad; none of them changes a signal
    counter = tokenizer.load(store)
    shards = list(context.partition_keys)
    total = sum(store.required("raw_shards", shard).rows for shard in shards)
    progress = Progress("quality_signals", total, "documents")

    def work(shard: str) -> Manifest:
        return build(store, spec(store, shard), lambda w: measure(store, counter, shard, w, progress))

    return describe_partitions(context, engine.map(work, shards), len(shards), reports_progress=True)


def measure(store: Store, counter: TextTokenizer, shard: str, writer: Writer, progress: Progress) -> None:
    """Measure one shard's documents, batch by batch."""
    source = store.required("raw_shards", shard)
    with writer.parquet(SCHEMA) as sink:
        for batch in store.batches(source, ["doc_id", "content", "kind"], _BATCH_DOCUMENTS):
            contents = batch["content"].to_pylist()
            measured = dataclasses.asdict(signals(contents, batch["kind"].to_pylist()))
            measured |= {"doc_id": batch["doc_id"], "tokens": counter.counts(contents)}
            sink.write_batch(pa.record_batch([measured[n] for n in SCHEMA.names], schema=SCHEMA))
            progress.advance(batch.num_rows)

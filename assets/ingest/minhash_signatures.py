"""MinHash signatures: 128 numbers per document, from which near-copies are found without its text."""

from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa

from assets.graph.build import BuildSpec, build, columns, describe_partitions
from assets.graph.partitions import ONE_RUN, SHARDS
from guyot.text.minhash_signatures import N_PERMUTATIONS, signatures, version
from guyot.text.shingles import shingles
from resources.engines.threads import Engine
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.progress import Progress
from resources.settings import Settings

CODE = "1"
SCHEMA = pa.schema([("doc_id", pa.string()), ("signature", pa.list_(pa.uint32(), N_PERMUTATIONS))])
_BATCH_DOCUMENTS = 512


def signed_with(settings: Settings) -> dict[str, Any]:
    """Return what identifies a way of signing."""
    return {**settings.select("minhash.shingle_unit", "minhash.shingle_size"), "signing": version()}


def spec(store: Store, settings: Settings, shard: str) -> BuildSpec:
    """State what a shard's signatures are made from."""
    inputs = {"raw_shards": store.required("raw_shards", shard).content}
    return BuildSpec("minhash_signatures", inputs, signed_with(settings), CODE, shard)


@dg.asset(
    group_name="ingest",
    kinds={"parquet"},
    owners=["team:curation"],
    partitions_def=SHARDS,
    backfill_policy=ONE_RUN,
    deps=["raw_shards"],
    code_version=CODE,
    metadata=columns(
        doc_id="string: the document",
        signature="fixed_size_list<uint32>[128]: the least of its shingles' hashes, by permutation",
    ),
)
def minhash_signatures(
    context: dg.AssetExecutionContext, store: Store, engine: Engine, settings: Settings
) -> dg.MaterializeResult[Any]:
    """One row is a document, in the shard's order."""
    shards = list(context.partition_keys)
    total = sum(store.required("raw_shards", shard).rows for shard in shards)
    progress = Progress("minhash_signatures", total, "documents")

    def work(shard: str) -> Manifest:
        return build(store, spec(store, settings, shard), lambda w: sign(store, settings, shard, w, progress))

    return describe_partitions(context, engine.map(work, shards), len(shards), reports_progress=True)


def sign(store: Store, settings: Settings, shard: str, writer: Writer, progress: Progress) -> None:
    """Sign one shard's documents, batch by batch."""
    source = store.required("raw_shards", shard)
    unit, size = settings.minhash.shingle_unit, settings.minhash.shingle_size
    with writer.parquet(SCHEMA, plain=["doc_id", "signature"]) as sink:
        for batch in store.batches(source, ["doc_id", "content"], _BATCH_DOCUMENTS):
            signed = signatures(shingles(batch["content"].to_pylist(), unit, size))
            column = pa.FixedSizeListArray.from_arrays(pa.array(np.ravel(signed)), N_PERMUTATIONS)
            sink.write_batch(pa.record_batch([batch["doc_id"], column.cast(SCHEMA.types[1])], schema=SCHEMA))
            progress.advance(batch.num_rows)

"""Embeddings: a unit vector per document; they never change when centroids do."""

from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa

from assets.graph.build import BuildSpec, build, columns, describe_partitions
from assets.graph.partitions import ONE_RUN, SHARDS
from guyot.encoders.hashing import Encoder
from guyot.vectors.exact import unit_float16
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.models.encoder import EncoderResource
from resources.progress import Progress

CODE = "1"
_BATCH_DOCUMENTS = 256


def encoder_settings(encoder: EncoderResource) -> dict[str, Any]:
    """Return what identifies the encoder: a hash of its weights and of how it is used."""
    return {"encoder": encoder.id}


def spec(store: Store, encoder: EncoderResource, shard: str) -> BuildSpec:
    """State what a shard's embeddings are made from."""
    inputs = {"raw_shards": store.required("raw_shards", shard).content}
    return BuildSpec("embeddings", inputs, encoder_settings(encoder), CODE, shard)


@dg.asset(
    group_name="ingest",
    kinds={"arrow", "huggingface"},
    owners=["team:curation"],
    partitions_def=SHARDS,
    backfill_policy=ONE_RUN,
    deps=["raw_shards"],
    code_version=CODE,
    pool="memory",
    metadata=columns(doc_id="string: the document; its vector lies in vectors.arrow at this row"),
)
def embeddings(
    context: dg.AssetExecutionContext, store: Store, encoder: EncoderResource
) -> dg.MaterializeResult[Any]:
    """One row is a document, in the shard's order; vectors.arrow has its float16 unit vector."""
    shards = list(context.partition_keys)
    sizes = {shard: store.required("raw_shards", shard).rows for shard in shards}
    progress = Progress("embeddings", sum(sizes.values()), "documents")
    loaded: list[Encoder] = []

    def work(shard: str) -> Manifest:
        def encode(writer: Writer) -> None:
            if not loaded:
                loaded.append(encoder.load())
            encode_shard(store, loaded[0], shard, writer, progress)

        return build(store, spec(store, encoder, shard), encode)

    return describe_partitions(context, map(work, shards), len(shards), reports_progress=True)


def encode_shard(store: Store, encoder: Encoder, shard: str, writer: Writer, progress: Progress) -> None:
    """Encode one shard's documents, batch by batch."""
    source = store.required("raw_shards", shard)
    ids: list[pa.Array] = []
    blocks = [np.zeros((0, encoder.width), np.float16)]
    for batch in store.batches(source, ["doc_id", "content"], _BATCH_DOCUMENTS):
        ids.append(batch["doc_id"])
        blocks.append(unit_float16(encoder.encode(batch["content"].to_pylist())))
        progress.advance(batch.num_rows)
    writer.table(pa.table({"doc_id": pa.chunked_array(ids, pa.string())}))
    writer.vectors(np.concatenate(blocks))
    writer.facts |= {"encoder_id": encoder.id, "width": encoder.width}

"""Embeddings: a unit vector per document; they never change when centroids do."""

from typing import Any

import numpy as np
import pyarrow as pa

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.graph.partitions import SHARDS
from assets.graph.reads import same
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.vectors.exact import unit_float16
from resources.lake.writer import Writer

_BATCH_DOCUMENTS = 256
EMBEDDINGS = TableSpec(
    "embeddings",
    "a document; its vector lies beside",
    (
        ColumnSpec(
            "doc_id",
            pa.string(),
            "the document; its vector lies in vectors.arrow at this row",
            "raw_shards.doc_id",
        ),
    ),
)


def encoder_settings(lake: LakeResources, key: str) -> dict[str, Any]:
    """Return what identifies the encoder: a hash of its weights and of how it is used."""
    return {"encoder": lake.encoder.id}


@lake_asset(
    group_name="ingest",
    partitions_def=SHARDS,
    tables=[EMBEDDINGS],
    reads=[same("raw_shards")],
    settings_of=encoder_settings,
    is_serial=True,
    is_resumable=True,
    progress_unit="documents",
    code_version="1",
    kinds=["arrow", "huggingface"],
    pool="memory",
)
def embeddings(build: Build, writer: Writer) -> None:
    """One row is a document, in the shard's order; vectors.arrow has its float16 unit vector."""
    encoder = build.lake.encoder.load()
    documents, saved = build.input("raw_shards"), build.saved_batches
    found = saved.names()
    ids: list[pa.Array] = []
    blocks = [np.zeros((0, encoder.width), np.float16)]
    begin = 0
    for batch in build.reader.batches(documents, ["doc_id", "content"], _BATCH_DOCUMENTS):
        shape = (batch.num_rows, encoder.width)
        block = saved.read(found.get(begin, []), shape, np.float16)
        if block is None:
            block = unit_float16(encoder.encode(batch["content"].to_pylist()))
            if documents.rows > batch.num_rows:  # else the version itself is published next
                saved.save(begin, block)
        ids.append(batch["doc_id"])
        blocks.append(block)
        begin += batch.num_rows
        build.advance(batch.num_rows)
    writer.table(pa.table([pa.chunked_array(ids, pa.string())], schema=EMBEDDINGS.schema))
    writer.vectors(np.concatenate(blocks))
    writer.facts |= {"encoder_id": encoder.id, "width": encoder.width}

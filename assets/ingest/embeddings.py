"""Embeddings: a unit vector per document; they never change when centroids do."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.graph.partitions import SHARDS
from assets.graph.reads import same
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.inputs.shard_images import ImageBatch, decoded, image_batches
from guyot.encoders.hashing import Encoder
from guyot.encoders.pixel_encoder import ImageEncoder
from guyot.vectors.exact import unit_float16
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.setting_groups import IMAGE

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
    documents, saved = build.input("raw_shards"), build.saved_batches
    is_of_images = build.settings.reading.documents == IMAGE
    encoder, batches = (_images if is_of_images else _texts)(build, documents)
    found = saved.names()
    ids: list[str] = []
    blocks = [np.zeros((0, encoder.width), np.float16)]
    for some, encoded in batches:
        shape = (len(some), encoder.width)
        block = saved.read(found.get(len(ids), []), shape, np.float16)
        if block is None:
            block = unit_float16(encoded())
            if documents.rows > len(some):  # else the version itself is published next
                saved.save(len(ids), block)
        ids += some
        blocks.append(block)
        build.advance(len(some))
    writer.table(pa.table([ids], schema=EMBEDDINGS.schema))
    writer.vectors(np.concatenate(blocks))
    writer.facts |= {"encoder_id": encoder.id, "width": encoder.width}


_Batches = Iterator[tuple[list[str], Callable[[], NDArray[np.float32]]]]  # doc_ids, and what encodes them


def _texts(build: Build, documents: Manifest) -> tuple[Encoder, _Batches]:
    """Return the encoder of texts and the documents that it encodes, batch by batch."""
    encoder = build.lake.encoder.load()
    batches = build.reader.batches(documents, ["doc_id", "content"], _BATCH_DOCUMENTS)
    return encoder, (
        (batch["doc_id"].to_pylist(), lambda batch=batch: encoder.encode(batch["content"].to_pylist()))
        for batch in batches
    )


def _images(build: Build, documents: Manifest) -> tuple[ImageEncoder, _Batches]:
    """Return the encoder of images and the documents that it encodes, batch by batch."""
    encoder = build.lake.encoder.load_of_images()

    def pixels(batch: ImageBatch) -> Iterator[NDArray[np.uint8]]:
        for doc_id, image in zip(batch.ids, batch.images, strict=True):
            yield decoded(image, doc_id, build.settings).pixels

    batches = image_batches(build.reader, documents)
    return encoder, ((batch.ids, lambda batch=batch: encoder.encode(pixels(batch))) for batch in batches)

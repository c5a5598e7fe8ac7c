"""Image signals: numbers computed from each image's pixels, and what its file said of it."""

import collections
import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.graph.partitions import SHARDS
from assets.graph.reader import TableReader
from assets.graph.reads import same
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.inputs.shard_images import ImageBatch, decoded, image_batches
from assets.ingest.raw_shards import IMAGES
from guyot.images import decode
from guyot.images.perceptual_hash import perceptual_hash
from guyot.images.signals import image_signals as signals_of
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.models.caption_model import caption_model_settings, caption_scorer
from resources.setting_groups import IMAGE
from resources.settings import Settings
from resources.thumbnails import data_uri, thumbnail, tiled

SHOWN_IMAGES, _COLUMNS = 24, 8
SIGNALS = TableSpec(
    "image_signals",
    "a document of a lake of images",
    (
        ColumnSpec("doc_id", pa.string(), "the document", source="raw_shards.doc_id"),
        ColumnSpec("width", pa.int64(), "pixels, after its orientation"),
        ColumnSpec("height", pa.int64(), "pixels, after its orientation"),
        ColumnSpec("bytes", pa.int64(), "size of the encoded image"),
        ColumnSpec("aspect", pa.float64(), "width / height"),
        ColumnSpec("entropy", pa.float64(), "of the histogram of grey, in bits, 0 to 8"),
        ColumnSpec("sharpness", pa.float64(), "variance of the Laplacian of grey, 0 to 255"),
        ColumnSpec("brightness", pa.float64(), "mean grey, 0 to 1"),
        ColumnSpec("n_frames", pa.int64(), "frames or pages, of which the first is the document"),
        ColumnSpec("caption_chars", pa.int64(), "code points of the caption"),
        ColumnSpec(
            "clip_score", pa.float64(),
            "cosine of image and caption by encoding.caption_model; null without such a model or a caption",
        ),
        ColumnSpec("format", pa.string(), "such as PNG or JPEG, by its bytes"),
        ColumnSpec("mode", pa.string(), "the pixels as found, such as RGBA, CMYK, P or I;16"),
        ColumnSpec("orientation", pa.int64(), "EXIF's, 1 to 8"),
        ColumnSpec(
            "perceptual_hash", pa.uint64(),
            "64 bits of which copies of another size or encoding differ in few: "
            "bit_count(xor(one, other))",
        ),
    ),
    documents=(IMAGE,),
)  # fmt: skip


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Show how the shard begins."""
    shard = reader.required("raw_shards", manifest.key)
    batch = next(reader.batches(shard, ["image"], SHOWN_IMAGES, IMAGES.file), None) if manifest.rows else None
    if batch is None:
        return {}
    drawn = data_uri(tiled([thumbnail(image) for image in batch["image"].to_pylist()], _COLUMNS))
    return {"its first images": dg.MetadataValue.md(f"![contact sheet]({drawn})")}


def decoding(lake: LakeResources, key: str) -> dict[str, Any]:
    """Return what identifies the way of decoding, and the model that scores captions."""
    return {"decoding": decode.version(), **caption_model_settings(lake.settings)}


@lake_asset(
    group_name="ingest",
    partitions_def=SHARDS,
    tables=[SIGNALS],
    reads=[same("raw_shards")],
    settings_of=decoding,
    shows=show,
    progress_unit="documents",
    documents=(IMAGE,),
    code_version="2",
    pool="memory",
)
def image_signals(build: Build, writer: Writer) -> None:
    """One row is an image, in the shard's order. In a lake of texts there is none."""
    scorer = caption_scorer(build.settings)
    with writer.parquet(SIGNALS.schema) as sink:
        for batch in image_batches(build.reader, build.input("raw_shards")):
            rows: list[dict[str, Any]] = []
            images = _measured(batch, build.settings, rows)
            if scorer is None:
                collections.deque(images, maxlen=0)
            else:
                fits = scorer.scores(images, batch.captions).tolist()
                for row, score in zip(rows, fits, strict=True):
                    row["clip_score"] = None if math.isnan(score) else score
            sink.write_batch(pa.RecordBatch.from_pylist(rows, schema=SIGNALS.schema))
            build.advance(len(rows))


def _measured(
    batch: ImageBatch, settings: Settings, rows: list[dict[str, Any]]
) -> Iterator[NDArray[np.uint8]]:
    """Decode images one after the other, append what is measured of each to rows, and yield its pixels."""
    for doc_id, caption, image in zip(batch.ids, batch.captions, batch.images, strict=True):
        found = decoded(image, doc_id, settings)
        own = {name: getattr(found, name) for name in ("n_frames", "format", "mode", "orientation")}
        own |= {"doc_id": doc_id, "bytes": len(image), "caption_chars": len(caption), "clip_score": None}
        measured = dataclasses.asdict(signals_of(found.pixels))
        rows.append({**measured, **own, "perceptual_hash": perceptual_hash(found.pixels)})
        yield found.pixels

"""The images of a shard: in its order, a few at a time, and of its documents alone."""

from pathlib import Path

import pyarrow as pa
import pytest
from support.images import image_lake
from support.lake import build_asset, reader_of, scan

from assets.ingest.inputs import shard_images as module
from assets.ingest.inputs.shard_images import decoded, image_batches
from assets.ingest.raw_shards import IMAGES
from guyot.errors import CorruptError
from guyot.images.decode import pixel_digest


def test_they_are_those_of_the_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = image_lake(tmp_path, 12)
    scan(lake)
    build_asset(lake, "raw_shards", *lake.shards())
    manifest = lake.store.required("raw_shards", lake.shards()[0])
    rows = lake.store.table(manifest).to_pylist()
    monkeypatch.setattr(module, "BATCH_IMAGES", 4)
    batches = list(image_batches(reader_of(lake), manifest))
    assert len(batches) == -(-len(rows) // 4)
    place = 0
    for batch in batches:
        for doc_id, caption, image in zip(batch.ids, batch.captions, batch.images, strict=True):
            row = rows[place]
            assert (doc_id, caption) == (row["doc_id"], row["content"])
            assert image == (Path(lake.settings.source) / row["source_path"]).read_bytes()
            assert pixel_digest(decoded(image, doc_id, lake.settings).pixels) == row["content_digest"]
            place += 1
    assert place == len(rows)
    with pytest.raises(CorruptError, match="document x was decoded when it was read; now: unsupported_image"):
        decoded(b"<html>", "x", lake.settings)
    images = lake.store.table(manifest, IMAGES.file)
    with lake.store.write("raw_shards", manifest.key, inputs={"a": ""}, settings={}, code="") as writer:
        writer.table(lake.store.table(manifest))
        writer.table(pa.concat_tables([images[1:], images[:1]]), IMAGES.file)
    with pytest.raises(
        CorruptError, match="documents 0 to 4 of raw_shards/.* have images of other documents"
    ):
        list(image_batches(reader_of(lake), lake.store.required("raw_shards", manifest.key)))

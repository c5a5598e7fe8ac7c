"""The truth beside the pictures: every factor of every picture, and pictures as other readers take them."""

import hashlib
import json

import numpy as np
import pyarrow as pa

from guyot.images.decode import pixel_digest
from guyot.scenes.blocks import BLOCKS, documents
from guyot.scenes.factors import LEVELS
from guyot.scenes.spec import scene_from_json
from resources.scenes.encodings import decode, encode
from resources.scenes.tables import (
    RENDERED_COLUMNS,
    SPEC_COLUMNS,
    documents_of,
    rendered_table,
    schema,
    spec_table,
)

SOME = documents("duplicates", "small")[:9]
FILES = [encode(np.full((8, 8, 3), i, np.uint8), one.encoding) for i, one in enumerate(SOME)]


def test_specs_have_every_factor_and_no_null():
    found = spec_table(SOME)
    assert found.schema == schema(SPEC_COLUMNS)
    assert not any(column.null_count for column in found.columns)
    for row, one in zip(found.to_pylist(), SOME, strict=True):
        assert scene_from_json(row["spec"]) == (one.scene, one.encoding)
        assert row["spec_hash"] == hashlib.blake2b(row["spec"].encode(), digest_size=16).hexdigest()
        assert [row[factor] for factor in LEVELS] == [getattr(one.scene, factor) for factor in LEVELS]
        assert (row["variant"], row["duplicate_group"]) == (one.variant, one.duplicate_group)


def test_specs_are_read_back():
    for block in BLOCKS:
        pictures = documents(block, "small")
        assert documents_of(spec_table(pictures)) == list(pictures)


def test_pictures_have_bytes_caption_key_and_digest():
    found = rendered_table(SOME, FILES, "a renderer 1")
    assert found.schema.equals(schema(RENDERED_COLUMNS))
    for row, one, file in zip(found.to_pylist(), SOME, FILES, strict=True):
        assert row["id"] == one.spec_hash
        assert row["image"]["bytes"] == file
        ending = ".jpg" if one.encoding.startswith("jpeg") else ".png"
        assert row["image"]["path"] == one.spec_hash + ending
        assert row["text"] == one.caption
        assert row["pixel_digest"] == pixel_digest(decode(file))
        assert row["renderer"] == "a renderer 1"
    of_truth = [name for name in found.column_names if name in schema(SPEC_COLUMNS).names]
    assert found.select(of_truth).equals(spec_table(SOME).select(of_truth))
    assert set(of_truth) > set(LEVELS) | {"block", "split", "duplicate_group"}


def test_the_schema_says_to_datasets_which_column_is_an_image():
    metadata = rendered_table(SOME, FILES, "r").schema.metadata
    assert json.loads(metadata[b"huggingface"])["info"]["features"]["image"] == {"_type": "Image"}


def test_a_block_without_pictures_is_an_empty_table():
    assert spec_table([]).equals(pa.table([[]] * len(SPEC_COLUMNS), schema=schema(SPEC_COLUMNS)))

"""Records with an image: of every form of column, with and without a caption, and those that are none."""

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.images import encoded, hostile, picture

from guyot.images.decode import pixel_digest
from resources.settings import Settings
from resources.sources.image_records import ImageRecordFile, caption_of, identified
from resources.sources.parquet import is_image, read_parquet
from resources.sources.reasons import REASONS
from resources.sources.records import Document

PNG = encoded(picture(1))


def documents(*records, **settings):
    file = ImageRecordFile("a.parquet", Settings.of(**settings))
    return [file.document(record) for record in records]


def read(tmp_path, table, **settings):
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    records = ImageRecordFile("a.parquet", Settings.of(**settings))
    return list(read_parquet(str(path), path.stat().st_size, records, accepts=is_image))


def test_a_record_is_an_image_with_its_caption_and_other_values():
    (found,) = documents({"image": PNG, "text": "a wave", "id": "x", "n": 1, "caption": "other"})
    digest = pixel_digest(picture(1))
    assert found == Document("a.parquet", "x", "a wave", "image", '{"caption":"other","n":1}', PNG, digest)
    (found,) = documents({"image": {"bytes": PNG, "path": "p.png"}})
    assert (found.record_key, found.content, found.meta, found.image) == ("0", "", "{}", PNG)


@pytest.mark.parametrize(
    ("record", "reason", "detail"),
    [
        ({"text": "a"}, "missing_image", "image or jpg or png is absent; columns found: text"),
        ({"image": None}, "missing_image", "is null"),
        ({"image": b""}, "missing_image", "image has 0 bytes"),
        ({"image": {"bytes": None, "path": "p.png"}}, "missing_image", "its path is p.png: store the bytes"),
        ({"image": "p.png"}, "image_not_bytes", "image is of type str"),
        ({"image": PNG, "text": 7}, "text_not_a_string", "the caption is of type int"),
        ({"image": PNG, "text": b"\xff"}, "invalid_utf8", "the caption: byte 0xff"),
        ({"image": PNG, "text": "a\0b"}, "nul_byte", "the caption: at byte 1"),
        ({"image": PNG + b"\0" * 9000}, "over_size_limit", "over reading.max_document_bytes=9000"),
        ({"image": PNG[:99]}, "image_truncated", ""),
        ({"image": b"<html>"}, "unsupported_image_format", "6 bytes that begin with b'<html>'"),
    ],
)
def test_records_that_are_none(record, reason, detail):
    (found,) = documents({**record, "id": "k"}, reading__max_document_bytes=9000)
    assert (found.reason, found.record_key) == (reason, "k")
    assert detail in found.detail
    assert reason in REASONS


def test_the_second_record_of_a_key_is_rejected_and_a_rejected_first_takes_no_key():
    found = documents({"image": b"", "id": 1}, {"image": PNG, "id": 1}, {"image": PNG, "id": 1})
    assert [getattr(one, "reason", "") for one in found] == ["missing_image", "", "duplicate_id"]


def test_a_caption_of_nothing_is_no_fault():
    settings = Settings()
    for value in (None, "", " \n", b"  ", "\u00a0"):
        assert caption_of(value, settings) == ("", None)
    assert caption_of("é".encode(), settings) == ("é", None)


def test_limits_of_images_are_the_settings():
    assert identified(PNG, Settings.of(reading__max_image_pixels=9))[1][0] == "image_too_large"
    assert identified(PNG, Settings.of(reading__min_image_side=99))[1][0] == "image_too_small"
    assert identified(PNG, Settings()) == (pixel_digest(picture(1)), None)


@pytest.mark.parametrize(
    "kind", [pa.binary(), pa.large_binary(), pa.binary_view(), pa.dictionary(pa.int32(), pa.binary())]
)
def test_columns_of_bytes(tmp_path, kind):
    column = (
        pa.array([PNG, None, PNG]).cast(kind)
        if not pa.types.is_dictionary(kind)
        else pa.array([PNG, None, PNG]).dictionary_encode()
    )
    found = read(tmp_path, pa.table({"jpg": column, "caption": ["a", "b", None], "n": [1, 2, 3]}))
    assert [getattr(one, "content", one) if isinstance(one, Document) else one.reason for one in found] == [
        "a",
        "missing_image",
        "",
    ]
    assert found[0].image == PNG
    assert orjson.loads(found[0].meta) == {"n": 1}


def test_the_image_struct_of_hugging_face(tmp_path):
    import datasets
    from PIL import Image

    images = [Image.fromarray(picture(n)) for n in range(3)]
    made = datasets.Dataset.from_dict(
        {"image": images, "text": ["one", "", None], "label": [1, 2, 3]},
        features=datasets.Features(
            {"image": datasets.Image(), "text": datasets.Value("string"), "label": datasets.Value("int64")}
        ),
    )
    made.to_parquet(str(tmp_path / "h.parquet"))
    found = read(tmp_path, pq.read_table(tmp_path / "h.parquet"))
    assert [one.content for one in found] == ["one", "", ""]
    assert [one.pixel_digest for one in found] == [pixel_digest(picture(n)) for n in range(3)]
    assert [orjson.loads(one.meta)["label"] for one in found] == [1, 2, 3]


def test_structs_whose_paths_are_not_utf8_or_whose_rows_are_null(tmp_path):
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.binary())])
    column = pa.array([{"bytes": PNG, "path": b"\xff.png"}, None, {"bytes": None, "path": b"\xff.png"}], kind)
    found = read(tmp_path, pa.table({"image": column}))
    assert [getattr(one, "reason", "") for one in found] == ["", "missing_image", "missing_image"]
    assert r"its path is \xff.png" in found[2].detail
    only = pa.array([{"bytes": PNG}], pa.struct([("bytes", pa.large_binary())]))
    assert read(tmp_path, pa.table({"image": only}))[0].image == PNG


def test_a_named_column_is_the_only_one_that_is_read(tmp_path):
    table = pa.table({"image": [b"no"], "photo": [PNG], "alt": ["x"], "text": ["y"]})
    (found,) = read(tmp_path, table, reading__image_column="photo", reading__text_column="alt")
    assert (found.image, found.content) == (PNG, "x")


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"picture": [PNG]}, "missing_image_column"),
        ({"image": ["p.png"]}, "image_not_bytes"),
        ({"image": [{"path": "p.png"}]}, "image_not_bytes"),
        ({"image": pa.array([], pa.binary())}, "empty_file"),
    ],
)
def test_files_without_images_are_one_reject(tmp_path, columns, reason):
    (found,) = read(tmp_path, pa.table(columns))
    assert (found.reason, found.record_key) == (reason, "")


def test_each_made_image_has_its_reason_in_a_record():
    cases = {name: case for name, case in hostile().items() if case[0]}
    found = documents(*({"image": content, "id": name} for name, (content, _) in cases.items()))
    assert {one.record_key: getattr(one, "reason", "") for one in found} == {
        name: reason for name, (_, reason) in cases.items()
    }

"""Records: keys, kinds, meta, and every reason for not being a document."""

import orjson
import pytest

from resources.settings import Settings
from resources.sources.records import (
    MAX_META_VALUE_BYTES,
    Document,
    RecordFile,
    RejectedRecord,
    content_problem,
    key_of,
)


def documents(*records, **settings):
    file = RecordFile("a.jsonl", Settings.of(**settings))
    return [file.document(record) for record in records]


def reasons(*records, **settings):
    return [getattr(f, "reason", "") for f in documents(*records, **settings)]


def test_the_key_is_the_id_else_the_ordinal():
    found = documents({"text": "a"}, {"text": "b", "id": "x"}, {"text": "c", "id": 7})
    assert [document.record_key for document in found] == ["0", "x", "7"]
    found = documents({"text": "a", "id": None}, {"text": "b", "id": ""})
    assert [document.record_key for document in found] == ["0", "1"]
    assert documents({"text": "a", "name": "n"}, reading__id_column="name")[0].record_key == "n"


@pytest.mark.parametrize(
    ("value", "key"),
    [(0, "0"), (-3, "-3"), (True, "true"), (1.5, "1.5"), (float("nan"), None), ([1], "[1]")],
)
def test_key_of(value, key):
    assert key_of(value) == key


def test_an_id_that_is_nested_too_deeply_to_be_written_is_none():
    deep = 1
    for _ in range(300):
        deep = [deep]
    assert key_of(deep) is None
    assert [d.record_key for d in documents({"text": "a", "id": deep}, {"text": "b", "id": 7})] == ["0", "7"]


def test_the_second_document_with_a_key_is_rejected_and_names_the_first():
    first, second, third = documents({"text": "a", "id": 1}, {"text": "b", "id": "1"}, {"text": "c", "id": 2})
    assert isinstance(first, Document)
    assert isinstance(third, Document)
    assert isinstance(second, RejectedRecord)
    assert second.reason == "duplicate_id"
    assert second.record_key == "1"
    assert "record 0 " in second.detail


def test_an_id_that_is_another_records_ordinal_is_taken():
    assert reasons({"text": "a"}, {"text": "b", "id": 0}) == ["", "duplicate_id"]
    assert reasons({"text": "a", "id": "1"}, {"text": "b"}) == ["", "duplicate_id"]
    assert reasons({"text": "a"}, {"text": "b", "id": "00"}, {"text": "c", "id": "²"}) == [""] * 3


def test_the_key_of_a_rejected_record_is_free():
    assert reasons({"text": "", "id": 1}, {"text": "b", "id": 1}) == ["empty_document", ""]


def test_the_text_column():
    assert documents({"text": "a", "content": "b"})[0].content == "a"
    assert documents({"text": None, "content": "b"})[0].content == "b"
    assert documents({"text": "a", "body": "c"}, reading__text_column="body")[0].content == "c"
    missing = documents({"text": "a", "other": 1}, reading__text_column="body")[0]
    assert missing.reason == "missing_text"
    assert missing.detail == "body is absent; columns found: text, other"
    assert "text or content is null" in documents({"text": None})[0].detail


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (1, "text_not_a_string"),
        (["a"], "text_not_a_string"),
        ("", "empty_document"),
        ("\n\u3000", "empty_document"),
        ("a\0", "nul_byte"),
        (b"\xff", "invalid_utf8"),
        ("é" * 6, "over_size_limit"),
        ("é" * 5, ""),
    ],
)
def test_texts_that_are_none(text, reason):
    assert reasons({"text": text}, reading__max_document_bytes=10) == [reason]


def test_a_reason_says_where_and_how_much():
    assert content_problem(b"ab\0", 9) == ("nul_byte", "at byte 2 of 3")
    assert content_problem(b"ab\xff", 9) == ("invalid_utf8", "byte 0xff at 2: invalid start byte")
    over = content_problem(b"abc", 2)
    assert over == (
        "over_size_limit",
        "3 bytes are over reading.max_document_bytes=2; raise it to read this",
    )


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ({"kind": " Python "}, "python"),
        ({"language": "C"}, "c"),
        ({"kind": "a", "language": "b"}, "a"),
        ({"kind": 3, "language": "b"}, "b"),
        ({"kind": "x" * 65}, "text"),
        ({}, "text"),
    ],
)
def test_kind(record, kind):
    assert documents({"text": "a", **record})[0].kind == kind


def test_meta_holds_the_other_columns_in_order_and_not_the_very_long():
    record = {
        "z": [1, "é"],
        "a": {"d": None, "c": 1.5},
        "text": "t",
        "id": 1,
        "kind": "k",
        "long": "x" * MAX_META_VALUE_BYTES,
        "bytes": b"\xff",
    }
    deep = record
    for _ in range(400):
        deep = {"deep": deep}
    meta = documents(record | deep)[0].meta
    assert meta == '{"a":{"c":1.5,"d":null},"bytes":"\\\\xff","z":[1,"é"]}'
    assert orjson.loads(meta)["z"] == [1, "é"]
    assert documents({"text": "t"})[0].meta == "{}"


def test_a_detail_is_short():
    record = {f"column{i}": 1 for i in range(1000)}
    assert len(documents(record)[0].detail) == 500

"""Records become documents, or are rejected with a reason of the graph's quarantine."""

import pytest

from guyot.corpus.records import Records, Rejected, Row, readable, rows_of, separate
from guyot.errors import ArrayError, SettingError
from resources.sources.reasons import REASONS

CASES = [
    ({"text": "a"}, Row(0, "0", "a", "text")),
    ({"content": "a", "id": 7, "kind": " Python "}, Row(0, "7", "a", "python")),
    ({"text": None, "content": "a", "id": "", "language": "x" * 65}, Row(0, "0", "a", "text")),
    (["a"], ("not_an_object", "a record of type list")),
    ({"body": "a"}, ("missing_text", "text or content is absent; columns found: body")),
    ({"text": None}, ("missing_text", "text or content is null; columns found: text")),
    ({"text": 3}, ("text_not_a_string", "the text is of type int")),
    ({"text": "ab\0"}, ("nul_byte", "at character 2 of 3")),
    ({"text": " \n"}, ("empty_document", "2 characters of whitespace")),
    ({"text": "a\ud800"}, ("invalid_utf8", "character 1 of 2 is half of a surrogate pair")),
]


@pytest.mark.parametrize(("value", "expected"), CASES)
def test_one_record(value: object, expected: object) -> None:
    found = Records("", "").read(0, value)
    assert (found if isinstance(found, Row) else (found.reason, found.detail)) == expected
    assert isinstance(found, Row) or found.reason in REASONS


def test_the_columns_can_be_named() -> None:
    assert Records("body", "key").read(4, {"body": "a", "key": "k", "text": "b"}) == Row(4, "k", "a", "text")


def test_an_id_that_comes_again_is_rejected_and_costs_itself_alone() -> None:
    rows, rejected = separate(
        rows_of([{"id": 1, "text": "a"}, {"id": "1", "text": "b"}, {"text": "c"}], "", "")
    )
    assert [row.id for row in rows] == ["1", "2"]
    assert rejected == [Rejected(1, "duplicate_id", "id '1' taken by record 0, counted from 0")]


def test_the_id_of_a_rejected_record_is_free() -> None:
    rows, _ = separate(rows_of([{"id": 1, "text": " "}, {"id": 1, "text": "b"}], "", ""))
    assert [row.text for row in rows] == ["b"]


def test_several_splits_are_refused() -> None:
    with pytest.raises(SettingError, match="several splits was given: train, test"):
        list(rows_of({"train": [], "test": []}, "", ""))


def test_texts_that_are_none() -> None:
    readable(["a", "ä"])
    with pytest.raises(ArrayError, match="2 texts were given; number 1 is of type bytes"):
        readable(["a", b"b"])

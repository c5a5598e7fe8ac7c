"""Metadata is untrusted JSON: what is no level counts as absent, and nothing stops the audit."""

import json

import numpy as np
import pytest

from guyot.audit.factors.metadata import MAX_CHARS, MAX_FACTORS, MAX_LEVELS, MetadataReader, scalar


def read(metas: list[str | None], *names: str, labels: tuple[str, ...] = ("group",)) -> MetadataReader:
    reader = MetadataReader(len(metas), names, labels)
    reader.add(np.arange(len(metas)), metas)
    return reader


def test_without_names_all_keys_that_every_document_has_with_several_values_are_factors() -> None:
    metas = [
        {"b": i % 2, "a": i % 3, "one": 1, "group": i % 2, "id": i, "some": 1 if i else None, "list": [i % 2]}
        for i in range(MAX_LEVELS + 1)
    ]
    found = read([json.dumps(meta) for meta in metas]).factors()
    assert [factor.name for factor in found] == ["a", "b"]
    assert found[0].level.tolist() == [i % 3 for i in range(len(metas))]
    assert found[1].numbers is not None


def test_a_document_that_never_came_has_no_level() -> None:
    reader = MetadataReader(3, (), ())
    reader.add(np.array([0, -1, 2]), ['{"a": 1}', '{"a": 5}', '{"a": 2}'])
    assert reader.factors() == [], "one of three documents has no a"
    named = MetadataReader(3, ("a",), ())
    named.add(np.array([0, 2, -1]), ['{"a": 1}', '{"a": 2}', '{"a": 5}'])
    assert named.factors()[0].level.tolist() == [0, -1, 1], "what is not among the documents changes nothing"


def test_named_factors_keep_their_order_and_say_why_they_are_left_out() -> None:
    metas = [json.dumps({"b": i % 2, "a": "x", "id": f"{i}", "number": i}) for i in range(60)]
    found = read(metas, "number", "b", "a", "id", "missing", "b")
    assert [factor.name for factor in found.factors()] == ["number", "b"]
    assert found.left_out() == {
        "a": "all documents have one value", "id": "60 values, more than 48", "missing": "no document has it",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["", None, "[1]", '"text"', "not json", '{"a": {"b": 1}}', '{"a": null}', '{"a": NaN}', '{"a": 1e999}',
     '{"a": %s}' % ("9" * 400), '{"a": %s}' % ("9" * 5000), "[" * 100_000,
     json.dumps({"a": "x" * (MAX_CHARS + 1)})],
)  # fmt: skip
def test_what_is_no_level_is_absent(text: str | None) -> None:
    found = read([text, '{"a": "x"}', '{"a": "y"}'], "a")
    assert found.factors()[0].level.tolist() == [-1, 0, 1]
    assert read([text, '{"a": "x"}']).factors() == []


def test_what_cannot_be_stored_as_text_is_replaced_and_numbers_are_exact() -> None:
    assert scalar("\ud800") == "?"
    assert scalar("a" * MAX_CHARS) == "a" * MAX_CHARS
    assert (scalar(-0.0), scalar(False), scalar(2**53)) == (0.0, "false", float(2**53))
    assert str(scalar(-0.0)) == "0.0"


def test_labels_have_any_number_of_values_and_are_no_factors() -> None:
    found = read([json.dumps({"group": f"g{i}", "a": i % 2}) for i in range(100)])
    assert len(found.label("group").levels) == 100
    assert [factor.name for factor in found.factors()] == ["a"]


def test_no_more_than_so_many_factors_are_taken_that_nobody_named() -> None:
    metas = [json.dumps({f"k{number:04}": i for number in range(500)}) for i in range(2)]
    assert [factor.name for factor in read(metas).factors()] == [f"k{i:04}" for i in range(MAX_FACTORS)]

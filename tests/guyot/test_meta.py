"""Values of a document's meta as text."""

import json

import pytest

from guyot.meta import meta_value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" ood ", "ood"),
        (7, "7"),
        (1.5, "1.5"),
        (False, "false"),
        (None, ""),
        ([1], ""),
        ({"a": 1}, ""),
        ("", ""),
    ],
)
def test_scalars_are_text_and_all_else_is_none(value: object, text: str) -> None:
    assert meta_value(json.dumps({"key": value, "other": "x"}), "key") == text


@pytest.mark.parametrize("meta", [None, "", "{}", "[1]", '{"a": null}', '{"a": [1]}', '"a"'])
def test_what_has_no_such_value_is_empty(meta: str | None) -> None:
    assert meta_value(meta, "a") == ""

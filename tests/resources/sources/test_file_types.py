"""Kinds by extension."""

import pytest

from guyot.errors import SettingError
from resources.sources.file_types import KINDS, asked_kinds, extension_of, kind_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jsonl", "jsonl"),
        ("a.JSONL.GZ", "jsonl"),
        ("a.jsonl.zst", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.parquet", "parquet"),
        ("a.json", "json"),
        ("a.py", "python"),
        ("a.b.rs", "rust"),
        ("a.txt.gz", ""),
        ("Makefile", ""),
        ("py", ""),
    ],
)
def test_kind_of(name, kind):
    assert kind_of(name) == kind


def test_extension_of():
    assert [extension_of(n) for n in ("a.PY", "a.tar.gz", "a", "a.")] == [".py", ".gz", "", "."]


def test_asked_kinds():
    assert asked_kinds("") == frozenset(KINDS)
    assert asked_kinds(" python,, jsonl ") == {"python", "jsonl"}
    with pytest.raises(SettingError, match="pyhton"):
        asked_kinds("python,pyhton")

"""A source of which nothing is read: one sentence says what was found and which setting to change."""

import json
from pathlib import Path

import pytest
from support.lake import lake_at

from guyot.errors import SettingError
from jobs.materialize import materialize_stale


def said_of(tmp_path: Path, files: dict[str, bytes], **settings: object) -> str:
    """Run the graph over files; return what it says."""
    source = tmp_path / "source"
    source.mkdir()
    for name, content in files.items():
        (source / name).write_bytes(content)
    lake = lake_at(tmp_path / "lake", source, **settings)
    with pytest.raises(SettingError) as refused:
        materialize_stale(lake.settings, ["everything"], None)
    said = str(refused.value)
    begin = f"source={str(source)!r} was "
    assert said.startswith(begin)
    return said.removeprefix(begin)


def test_an_empty_source(tmp_path: Path) -> None:
    assert said_of(tmp_path, {}) == (
        "listed: 0 files that are read; set GUYOT_SOURCE to where the files are, or reading.documents and "
        "reading.kinds to what they are"
    )


def test_a_source_of_files_that_are_not_read(tmp_path: Path) -> None:
    said = said_of(tmp_path, {"a.png": b"x", "b.png": b"x", "c.\x1bx": b"x", "Makefile": b"x"})
    assert said.startswith("listed: 0 files that are read and 4 that are not, by extension: .png 2, none 1, ")
    assert "\x1b" not in said


@pytest.mark.parametrize(("documents", "kinds"), [("text", "python"), ("image", "tar"), ("episode", "jsonl")])
def test_every_kind_of_lake_says_so(tmp_path: Path, documents: str, kinds: str) -> None:
    given = {"reading.documents": documents, "reading.kinds": kinds, "encoder": ""}
    assert said_of(tmp_path, {"a.txt": b"x"}, **given).startswith("listed: 0 files that are read and 1 that")


def test_a_wrong_text_column(tmp_path: Path) -> None:
    lines = b"".join(json.dumps({"body": f"text {i}"}).encode() + b"\n" for i in range(5))
    assert said_of(tmp_path, {"a.jsonl": lines, "b.jsonl": b"[1]"}) == (
        "read: 0 documents, none for training, and 6 records in quarantine: 5 missing_text (such as: text or "
        "content is absent; columns found: body); 1 not_an_object (such as: a JSON list); "
        "set reading.text_column to the column that has the text"
    )


def test_documents_that_are_all_held_out(tmp_path: Path) -> None:
    given = {"reading.split_column": "part", "reading.held_out_unit": "record"}
    lines = b"".join(json.dumps({"text": f"text {i}", "part": "test"}).encode() + b"\n" for i in range(5))
    assert said_of(tmp_path, {"a.jsonl": lines}, **given) == (
        "read: 5 documents, none for training, and 0 records in quarantine; lower reading.held_out_fraction, "
        "or see reading.held_out_unit and reading.split_column"
    )

"""Files of `guyot prune`: what is refused, and that an output is whole or not there."""

import os
from pathlib import Path

import pytest

from guyot.cli.document_files import DocumentFile, check_files, read_recipe
from guyot.errors import CorruptError, SettingError


@pytest.mark.parametrize(
    ("source", "output", "other", "message"),
    [
        (
            "no.jsonl",
            "b.jsonl",
            "c.jsonl",
            "no.jsonl was asked for; it is no file; give one of .jsonl, .jsonl.gz",
        ),
        ("a.jsonl", "b.csv", "c.jsonl", "b.csv was given; files of documents are .jsonl, .jsonl.gz"),
        ("a.txt", "b.jsonl", "c.jsonl", "a.txt was given; files of documents are"),
        ("a.jsonl", "b.parquet", "c.jsonl", "both must be JSON lines, or both Parquet"),
        ("a.jsonl", "b.jsonl", "c.csv", "c.csv was given; what is not kept is written as JSON lines"),
        ("a.jsonl", "a.jsonl", "c.jsonl", "3 files were given, of which some are the same"),
        ("a.jsonl", "b.jsonl", "b.jsonl", "3 files were given, of which some are the same"),
        ("a.jsonl", "no/b.jsonl", "c.jsonl", "there is no folder .*no; make it first"),
    ],
)
def test_files_that_do_not_fit_are_refused(
    tmp_path: Path, source: str, output: str, other: str, message: str
) -> None:
    for name in ("a.jsonl", "a.txt"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(SettingError, match=message):
        check_files(tmp_path / source, tmp_path / output, [tmp_path / other])


def test_files_that_fit(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_text("")
    check_files(tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl", [tmp_path / "c.jsonl.zst"])


def test_a_file_that_changes_while_it_is_pruned_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text('{"text": "a"}\n{"text": "b"}\n')
    file = DocumentFile(source)
    assert len(list(file.rows("", ""))) == 2
    file.write_kept(tmp_path / "b.jsonl", [1])
    assert (tmp_path / "b.jsonl").read_text() == '{"text": "b"}\n'
    os.utime(source, ns=(1, 1))
    with pytest.raises(CorruptError, match="changed while it was pruned; run it again"):
        file.write_kept(tmp_path / "b.jsonl", [0])
    assert (tmp_path / "b.jsonl").read_text() == '{"text": "b"}\n'
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "b.jsonl"]


def test_recipes_by_name_and_by_file(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(read_recipe("cover").to_json())
    assert read_recipe(str(tmp_path / "r.json")) == read_recipe("cover")
    (tmp_path / "r.json").write_text("{}")
    for named, message in (
        ("r", "recipe 'r' was asked for; choose from everything"),
        (str(tmp_path / "no.json"), "no.json was asked for; it is no file; give one, or the name"),
        (str(tmp_path / "r.json"), "recipe JSON, at"),
    ):
        with pytest.raises(SettingError, match=message):
            read_recipe(named)


def test_nothing_kept_is_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n')
    DocumentFile(tmp_path / "a.jsonl").write_kept(tmp_path / "b.jsonl", [])
    assert (tmp_path / "b.jsonl").read_bytes() == b""

"""Files of evaluation records: every kind, fields that are joined, and what is wrong with a file or a record."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.contamination import HUMAN_EVAL, human_eval

from guyot.errors import SettingError
from resources.settings import Settings
from resources.sources.evaluation_files import evaluation_files, read_records
from resources.sources.records import Document, RejectedRecord

RECORDS = [
    {"task_id": "t/1", "prompt": "one", "n": 3, "answer": "two", "tests": ["no text"]},
    {"task_id": "t/2", "prompt": "drei", "answer": ""},
]


def read(*files: Path | str, **settings: str) -> list[Document | RejectedRecord]:
    given = Settings.of(contamination__files=",".join(map(str, files)), **settings)
    return [found for file in evaluation_files(given) for found in read_records(file, given)]


def texts(found: list[Document | RejectedRecord]) -> list[tuple[str, str]]:
    assert all(isinstance(one, Document) for one in found), found
    return [(one.record_key, one.content) for one in found if isinstance(one, Document)]


def write(folder: Path, records: list) -> list[Path]:
    """Write the same records as lines, packed lines, and a table."""
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (folder / "lines.jsonl").write_text(lines)
    (folder / "packed.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    pq.write_table(pa.Table.from_pylist(records), folder / "table.parquet")
    return [folder / "lines.jsonl", folder / "packed.jsonl.gz", folder / "table.parquet"]


def test_all_fields_that_are_text_are_joined_but_for_the_id(tmp_path: Path) -> None:
    for path in write(tmp_path, RECORDS):
        assert texts(read(path)) == [("t/1", "one\ntwo"), ("t/2", "drei\n")]


def test_named_fields_are_joined_in_their_order(tmp_path: Path) -> None:
    for path in write(tmp_path, RECORDS):
        found = read(path, contamination__fields="answer, prompt", contamination__id_field="prompt")
        assert texts(found) == [("one", "two\none"), ("drei", "\ndrei")]
        assert texts(read(path, contamination__fields="prompt"))[0] == ("t/1", "one")
        both = {"contamination__fields": "prompt", "contamination__id_field": "prompt"}
        assert texts(read(path, **both)) == [("one", "one"), ("drei", "drei")]


def test_a_text_file_is_one_record_and_sets_come_by_name(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbfall of it")
    (tmp_path / "a.py").write_text("x = 1")
    asked = Settings.of(contamination__files=f"{tmp_path}/b.txt, {tmp_path}/a.py")
    files = evaluation_files(asked)
    assert [(file.name, file.path) for file in files] == [
        ("a", "evaluation_sets/a.py"),
        ("b", "evaluation_sets/b.txt"),
    ]
    assert texts(read(tmp_path / "b.txt")) == [("", "all of it")]


def test_the_digest_follows_the_bytes_and_not_the_place(tmp_path: Path) -> None:
    def digest(path: Path) -> str:
        return evaluation_files(Settings.of(contamination__files=str(path)))[0].digest

    (tmp_path / "other").mkdir()
    one, other = tmp_path / "a.txt", tmp_path / "other" / "a.txt"
    one.write_text("same")
    other.write_text("same")
    before = digest(one)
    assert before == digest(other)
    one.write_text("changed")
    assert digest(one) != before


def test_a_bad_record_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    hostile = {"id": "h\x1b[31m", "text": "<script>\u202e ok", "deep": [[["x"]]]}
    lines = [
        {"id": 1, "n": 2}, {"id": 2, "text": "nul \0"}, {"id": 3, "text": "  "}, {"id": 4, "text": "fine"},
        {"id": 4, "text": "again"}, {"id": "", "text": "no id"}, hostile,
    ]  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + '["a list"]\n{"id": 9, "text": "cut')
    found = read(path)
    rejected = [(one.record_key, one.reason) for one in found if isinstance(one, RejectedRecord)]
    assert rejected == [
        ("0", "missing_text"), ("2", "nul_byte"), ("3", "empty_document"), ("4", "duplicate_id"),
        ("7", "not_an_object"), ("8", "invalid_json"),
    ]  # fmt: skip
    kept = [(one.record_key, one.content) for one in found if isinstance(one, Document)]
    assert kept == [("4", "fine"), ("5", "no id"), ("h\x1b[31m", "<script>\u202e ok")]
    assert "no field is text; fields found: id, n" in str(found[0])


def test_a_record_without_a_named_field_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text('{"prompt": "p", "answer": null}\n{"prompt": "p", "answer": "a"}\n')
    first, second = read(path, contamination__fields="prompt,answer")
    assert isinstance(first, RejectedRecord)
    assert first.detail.startswith("answer absent or no text; fields found: prompt, answer")
    assert isinstance(second, Document)
    (only,) = read(*write(tmp_path, RECORDS)[2:], contamination__fields="question")
    assert isinstance(only, RejectedRecord)
    assert only.reason == "missing_text_column"


def test_what_is_wrong_with_a_file_is_said_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "held_out.txt").write_text("x")
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "a.py").write_text("x")
    (tmp_path / "a.bin").write_text("x")
    for names, message in (
        (["nowhere.jsonl"], "nowhere.jsonl; there is no such file"),
        (["a.bin"], "its extension is of no kind"),
        (["held_out.txt"], "the evaluation set held_out is the lake's held-out documents already; rename"),
        (["a.txt", "a.py"], r"the evaluation set a is .*a\.txt already; rename"),
    ):
        with pytest.raises(SettingError, match=message):
            read(*(tmp_path / name for name in names))
    (tmp_path / "broken.parquet").write_text("no table")
    (found,) = read(tmp_path / "broken.parquet")
    assert isinstance(found, RejectedRecord)
    assert found.reason == "invalid_parquet"


def test_no_file_is_no_set() -> None:
    assert evaluation_files(Settings()) == []


def test_a_real_benchmark_is_read_whole() -> None:
    found = texts(read(HUMAN_EVAL))
    assert [key for key, _ in found] == list(human_eval())
    problem = human_eval()["HumanEval/12"]
    names = ("prompt", "entry_point", "canonical_solution", "test")
    assert dict(found)["HumanEval/12"] == "\n".join(problem[name] for name in names)

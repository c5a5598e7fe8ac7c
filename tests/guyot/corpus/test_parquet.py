"""Parquet files: records, and rows that are copied."""

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from guyot.corpus import parquet
from guyot.corpus.parquet import copy_rows, is_parquet, read_parquet
from guyot.corpus.records import Rejected, Row
from guyot.errors import CorruptError, SettingError

TABLE = pa.table(
    {
        "id": pa.array(["a", "b", None, "d"]),
        "text": pa.array(["one", None, "three", "four"]).dictionary_encode(),
        "deep": [[{"x": 1}], [], None, [{"x": 2}]],
    }
)


@pytest.fixture
def path(tmp_path: Path) -> str:
    pq.write_table(TABLE, tmp_path / "t.parquet")
    return str(tmp_path / "t.parquet")


def test_rows_become_records(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "BATCH_ROWS", 2)
    assert list(read_parquet(path, "", "")) == [
        Row(0, "a", "one", "text"),
        Rejected(1, "missing_text", "text or content is null; columns found: id, text"),
        Row(2, "2", "three", "text"),
        Row(3, "d", "four", "text"),
    ]


def test_rows_that_are_kept_are_copied_with_all_columns(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "BATCH_ROWS", 3)
    copy_rows(path, str(tmp_path / "u.parquet"), np.array([True, False, True]))
    found = pq.read_table(tmp_path / "u.parquet")
    assert found.to_pylist() == TABLE.take([0, 2]).to_pylist()
    assert found.schema.equals(TABLE.schema)


def test_a_file_without_text_says_what_it_has(path: str) -> None:
    with pytest.raises(SettingError, match="has no column body; its columns are id, text, deep"):
        list(read_parquet(path, "body", ""))


def test_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(CorruptError, match="t.parquet was to be read as Parquet; it cannot be decoded"):
        list(read_parquet(str(tmp_path / "t.parquet"), "", ""))


def test_without_pyarrow_the_message_names_the_extra(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def refusing(name: str, *arguments: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ModuleNotFoundError(name)
        return imported(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", refusing)
    with pytest.raises(SettingError, match=r"run `pip install 'guyot\[parquet\]'`"):
        list(read_parquet(path, "", ""))


def test_names() -> None:
    assert is_parquet("a.PARQUET")
    assert not is_parquet("a.jsonl")

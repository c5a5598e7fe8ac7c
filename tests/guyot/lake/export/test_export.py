"""Exports: whole or not at all, and what cannot be written is refused."""

import importlib.util
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from guyot.errors import SettingError
from guyot.lake.export import COLUMNS, export


def broken() -> Any:
    yield pa.RecordBatch.from_pydict({name: ["a"] for name in COLUMNS})
    raise OSError("the disk is gone")


@pytest.mark.parametrize("form", ["parquet", "jsonl.zst", "webdataset"])
def test_an_export_that_fails_leaves_nothing(form: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="the disk is gone"):
        export(broken(), tmp_path / "out", form, about={})
    assert list(tmp_path.iterdir()) == []


def test_a_mixture_of_nothing_is_exported_too(tmp_path: Path) -> None:
    for number, form in enumerate(("parquet", "jsonl.zst")):
        assert export(iter([]), tmp_path / str(number), form, about={}) == 0
        assert [path.name for path in (tmp_path / str(number)).iterdir()] == ["guyot.json"]


def test_what_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingError, match=r"format 'csv' was asked for; choose from parquet, jsonl\.zst"):
        export(iter([]), tmp_path / "out", "csv", about={})
    with pytest.raises(SettingError, match="files of 0 documents"):
        export(iter([]), tmp_path / "out", "parquet", about={}, documents_per_file=0)
    with pytest.raises(SettingError, match="make it first"):
        export(iter([]), tmp_path / "no" / "out", "parquet", about={})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"pip install 'guyot\[mds\]'"):
        export(iter([]), tmp_path / "out", "mds", about={})

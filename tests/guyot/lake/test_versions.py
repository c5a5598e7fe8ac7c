"""Versions of a lake's tables, made by hand."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from guyot.errors import MissingError
from guyot.lake.versions import Versions


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    for table, key, version, value in (
        ("one", "all", "v1", 1), ("many", "b", "v2", 2), ("many", "a", "v3", 3), ("many", "a", "v4", 4),
    ):  # fmt: skip
        folder = tmp_path / table / key / version
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"x": [value]}), folder / "rows.parquet")
        (folder / "manifest.json").write_text(json.dumps({"facts": {"value": value}}))
        (folder.parent / "current").write_text(version)
    (tmp_path / "many" / "c" / "v5").mkdir(parents=True)  # a writer that died
    (tmp_path / ".dagster").mkdir()
    return tmp_path


def test_live_versions_are_read(lake: Path) -> None:
    versions = Versions(str(lake))
    assert versions.tables() == ["many", "one"]
    assert versions.keys("many") == ["a", "b"]
    assert versions.table("one").to_pylist() == [{"x": 1}]
    assert versions.table("many").to_pylist() == [{"x": 4, "partition": "a"}, {"x": 2, "partition": "b"}]
    assert versions.version("many", "a").facts == {"value": 4}


def test_another_version_can_be_named(lake: Path) -> None:
    versions = Versions(str(lake))
    assert versions.rows(versions.version("many", "a", "v3")).to_pylist() == [{"x": 3}]
    with pytest.raises(MissingError, match="many/a version v9 was asked for"):
        versions.version("many", "a", "v9")


def test_messages_list_what_there_is(lake: Path) -> None:
    versions = Versions(str(lake))
    with pytest.raises(MissingError, match="many/c was asked for; .* of many it holds a, b"):
        versions.version("many", "c")
    with pytest.raises(MissingError, match="two was asked for; .* its tables: many, one"):
        versions.version("two")

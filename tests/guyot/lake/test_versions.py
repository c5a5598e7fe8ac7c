"""Versions of a lake's tables, made by hand."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from guyot.errors import CorruptError, MissingError
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


@pytest.mark.parametrize("name", ["current", "v3/manifest.json", "v3/rows.parquet"])
def test_what_is_damaged_is_named_in_one_sentence(lake: Path, name: str) -> None:
    path = lake / "many" / "a" / name
    (lake / "many" / "a" / "current").write_text("v3")
    content, versions = path.read_bytes(), Versions(str(lake))
    assert versions.rows(versions.version("many", "a")).to_pylist() == [{"x": 3}]
    for changed in (b"", content[:1] + b"\xff", content[: len(content) // 2] + b"\n"):
        path.write_bytes(changed)
        with pytest.raises(CorruptError, match=rf"{name}.*run `guyot verify --repair`, then `guyot run`"):
            versions.rows(versions.version("many", "a"))


def test_a_pointer_to_nothing_is_named(lake: Path) -> None:
    (lake / "one" / "all" / "current").write_text("v")
    with pytest.raises(CorruptError, match="one/all/current names v, which is no version; run `guyot"):
        Versions(str(lake)).version("one")


def test_a_file_of_another_size_or_footer_than_its_manifest_is_not_read(lake: Path) -> None:
    folder = lake / "one" / "all" / "v1"
    n_bytes = (folder / "rows.parquet").stat().st_size
    for stated, said in (({"bytes": n_bytes + 1}, "and .* by its manifest"), ({"footer_crc32": 1}, "footer")):
        fields = {"facts": {}, "files": {"rows.parquet": {"bytes": n_bytes, **stated}}}
        (folder / "manifest.json").write_text(json.dumps(fields))
        with pytest.raises(CorruptError, match=said):
            Versions(str(lake)).table("one")

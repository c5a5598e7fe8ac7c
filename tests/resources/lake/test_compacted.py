"""Compacted manifests say what manifests say, on disk and on S3; what is damaged is an error."""

import contextlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from guyot.errors import CorruptError
from resources.lake import compacted
from resources.lake.compacted import Row
from resources.lake.manifest import File, Manifest
from resources.storage.files import Files


def manifest(key: str, version: str = "0" * 16, **settings: object) -> Manifest:
    return Manifest(
        "t",
        key,
        version,
        f"content of {key}",
        {"b": "1", "a": key},
        settings,
        "7",
        {"rows.parquet": File(3, 1, "")},
        {"fact": 1},
    )


def put(files: Files, *manifests: Manifest, beside: Path) -> None:
    files.replace(
        compacted.uri_of(files, "t"), compacted.content_of(Row.of(one, "state") for one in manifests), beside
    )


def test_rows_say_what_manifests_say(place: str, tmp_path: Path) -> None:
    files, two = Files(place), [manifest("b", seed=1, name="ünïcode"), manifest("a")]
    assert compacted.read(files, "t") == {}
    assert compacted.tables(files) == []
    put(files, *two, beside=tmp_path)
    found = compacted.read(files, "t")
    assert list(found) == ["a", "b"]
    for one in two:
        row = found[one.key]
        assert (row.key, row.version, row.content, row.code) == (one.key, one.version, one.content, one.code)
        assert (row.inputs, row.settings, row.file_rows) == (one.inputs, one.settings, {"rows.parquet": 3})
        assert row == Row.of(one, "state") == Row.of(row, "state")
    assert compacted.tables(files) == ["t"]


def test_equal_rows_are_equal_bytes() -> None:
    one, other = manifest("a", x=1, y=2), manifest("b")
    again = Manifest(
        "t", "a", "0" * 16, "content of a", {"a": "a", "b": "1"}, {"y": 2, "x": 1}, "7", one.files, {}
    )
    assert compacted.content_of(map(Row.of, [one, other])) == compacted.content_of(
        map(Row.of, [other, again])
    )


def test_a_file_that_is_not_what_was_written_is_an_error(tmp_path: Path) -> None:
    files = Files(str(tmp_path / "lake"))
    put(files, *(manifest(f"shard-{number}") for number in range(50)), beside=tmp_path)
    path = Path(compacted.uri_of(files, "t"))
    whole, rows, n_found = path.read_bytes(), compacted.read(files, "t"), 0
    for at in range(4, len(whole), 97):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with contextlib.suppress(CorruptError):
            assert compacted.read(files, "t") == rows  # where it says nothing
            n_found -= 1
        n_found += 1
    assert n_found > len(whole) / 97 / 2
    path.write_bytes(whole[:-9])
    with pytest.raises(CorruptError):
        compacted.read(files, "t")
    pq.write_table(pa.table({"key": ["a"]}), path)
    with pytest.raises(CorruptError, match="has the columns key"):
        compacted.read(files, "t")


def test_only_rows_of_versions_that_are_there_are_compared() -> None:
    rows = [Row.of(manifest("a")), Row.of(manifest("b")), Row.of(manifest("c", "1" * 16))]
    now = {
        ("a", "0" * 16): manifest("a"),
        ("b", "0" * 16): manifest("b", seed=1),
        ("c", "2" * 16): manifest("c"),
    }
    assert compacted.differences(rows, now) == ["b"]

"""The store: whole versions or none, immutable ones, and vectors that map back bit for bit."""

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests_corpus import some_units

from guyot.errors import CorruptError, MissingError
from resources.manifest import ROWS, VECTORS, version_of
from resources.settings import Settings
from resources.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(settings=Settings(lake=str(tmp_path / "a lake, 'quoted'")))


def write(store: Store, value: int, key: str = "a") -> None:
    with store.write("t", key, inputs={"i": str(value)}, settings={}, code="1") as writer:
        writer.table(pa.table({"x": [value]}))


def test_what_was_written_is_read(store: Store) -> None:
    vectors = some_units(7, 5)
    with store.write("t", "a/b", inputs={"i": "1"}, settings={"s": 2}, code="3") as writer:
        writer.table(pa.table({"x": [1, 2, 3]}))
        writer.vectors(vectors)
        writer.facts["note"] = "hello"
    manifest = store.required("t", "a/b")
    assert manifest.version == version_of({"i": "1"}, {"s": 2}, "3")
    assert store.table(manifest)["x"].to_pylist() == [1, 2, 3]
    assert np.array_equal(store.vectors(manifest), vectors)
    assert manifest.rows == 3
    assert manifest.facts["note"] == "hello"
    assert store.partitions("t") == ["a/b"]
    assert [b.num_rows for b in store.batches(manifest, rows=2)] == [2, 1]


def test_vectors_are_mapped_not_copied_and_cannot_be_changed(store: Store) -> None:
    with store.write("t", "a", inputs={}, settings={}, code="") as writer:
        writer.vectors(some_units(4, 3))
        writer.table(pa.table({"x": [0]}))
    mapped = store.vectors(store.required("t", "a"))
    assert isinstance(mapped, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        mapped[0, 0] = 1


def test_no_vectors_keep_their_width(store: Store) -> None:
    with store.write("t", "a", inputs={}, settings={}, code="") as writer:
        writer.vectors(np.zeros((0, 9), np.float16))
    assert store.vectors(store.required("t", "a")).shape == (0, 9)


def test_a_failed_write_leaves_the_old_version_and_no_files(store: Store) -> None:
    write(store, 1)
    before = {path for path in Path(store.root).rglob("*") if path.is_file()}
    with pytest.raises(ZeroDivisionError):
        with store.write("t", "a", inputs={"i": "2"}, settings={}, code="1") as writer:
            writer.table(pa.table({"x": [2]}))
            _ = 1 / 0
    assert {path for path in Path(store.root).rglob("*") if path.is_file()} == before
    assert store.table(store.required("t", "a"))["x"].to_pylist() == [1]


def test_a_version_without_a_manifest_does_not_exist(store: Store) -> None:
    write(store, 1)
    manifest = store.required("t", "a")
    os.unlink(store.path("t", "a", manifest.version, "manifest.json"))
    assert store.current("t", "a") is None
    with pytest.raises(MissingError, match="materialize t first"):
        store.required("t", "a")


def test_an_old_version_is_still_read_after_a_new_one(store: Store) -> None:
    write(store, 1)
    old = store.required("t", "a")
    write(store, 2)
    assert store.table(old)["x"].to_pylist() == [1]
    assert store.table(store.required("t", "a"))["x"].to_pylist() == [2]
    store.publish(old)
    assert store.required("t", "a") == old


def test_equal_values_give_equal_bytes_in_another_lake(tmp_path: Path) -> None:
    stores = [Store(settings=Settings(lake=str(tmp_path / name))) for name in "ab"]
    for one in stores:
        write(one, 5)
    files = [Path(one.file(one.required("t", "a"), ROWS)).read_bytes() for one in stores]
    assert files[0] == files[1]


def test_a_cut_off_file_is_noticed(store: Store) -> None:
    with store.write("t", "a", inputs={}, settings={}, code="") as writer:
        writer.vectors(some_units(40, 3))
    manifest = store.required("t", "a")
    os.truncate(store.file(manifest, VECTORS), manifest.files[VECTORS].bytes - 1)
    with pytest.raises(CorruptError, match="does not have the"):
        store.vectors(manifest)

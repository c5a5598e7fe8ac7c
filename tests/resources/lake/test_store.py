"""The store: whole versions or none, immutable ones, and vectors that map back bit for bit."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from support.corpus import some_units

from guyot.errors import CorruptError, MissingError
from resources.lake import workdirs
from resources.lake.manifest import ROWS, VECTORS, version_of
from resources.lake.store import Store
from resources.settings import Settings


@pytest.fixture
def store(place: str) -> Store:
    return Store(settings=Settings(lake=place))


@pytest.fixture
def local(tmp_path: Path) -> Store:
    return Store(settings=Settings(lake=str(tmp_path / "lake")))


def files_of(store: Store) -> dict[str, bytes]:
    return {file.uri: store.files.read(file.uri) for file in store.files.walk(store.root)}


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


def test_vectors_are_mapped_not_copied_and_cannot_be_changed(local: Store) -> None:
    with local.write("t", "a", inputs={}, settings={}, code="") as writer:
        writer.vectors(some_units(4, 3))
        writer.table(pa.table({"x": [0]}))
    mapped = local.vectors(local.required("t", "a"))
    assert isinstance(mapped, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        mapped[0, 0] = 1


def test_any_range_of_vectors_is_read_alone(store: Store) -> None:
    vectors = some_units(40, 3)
    with store.write("t", "a", inputs={}, settings={}, code="") as writer:
        writer.vectors(vectors)
    found = store.vectors(store.required("t", "a"))
    assert (len(found), found.shape) == (40, (40, 3))
    for begin, end in ((0, 40), (3, 4), (39, 40), (7, 7), (30, 99), (9, 2)):
        assert np.array_equal(found[begin:end], vectors[begin:end])


def test_no_vectors_keep_their_width(store: Store) -> None:
    with store.write("t", "a", inputs={}, settings={}, code="") as writer:
        writer.vectors(np.zeros((0, 9), np.float16))
    assert store.vectors(store.required("t", "a")).shape == (0, 9)


def test_a_failed_write_leaves_the_old_version_and_no_files(store: Store) -> None:
    write(store, 1)
    before = files_of(store)
    with pytest.raises(ZeroDivisionError):
        with store.write("t", "a", inputs={"i": "2"}, settings={}, code="1") as writer:
            writer.table(pa.table({"x": [2]}))
            _ = 1 / 0
    assert files_of(store) == before
    assert store.table(store.required("t", "a"))["x"].to_pylist() == [1]


def test_a_version_without_a_manifest_does_not_exist(store: Store) -> None:
    write(store, 1)
    manifest = store.required("t", "a")
    store.files.delete(store.path("t", "a", manifest.version, "manifest.json"))
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


def test_equal_values_give_equal_bytes_in_another_lake(store: Store, local: Store) -> None:
    for one in (store, local):
        write(one, 5)
    files = [one.files.read(one.file(one.required("t", "a"), ROWS)) for one in (store, local)]
    assert files[0] == files[1]
    assert store.required("t", "a") == local.required("t", "a")


def test_a_cut_off_file_is_noticed(store: Store) -> None:
    with store.write("t", "a", inputs={}, settings={}, code="") as writer:
        writer.vectors(some_units(40, 3))
    manifest = store.required("t", "a")
    path = store.file(manifest, VECTORS)
    cut_off = store.files.read(path)[:-1]
    store.files.replace(path, cut_off, workdirs.new_folder(store.files))
    with pytest.raises(CorruptError, match=rf"has {len(cut_off)} bytes, and {len(cut_off) + 1} by its"):
        store.vectors(manifest)
    store.files.delete(path)
    with pytest.raises(CorruptError, match="is not there, .*guyot verify --repair"):
        store.vectors(manifest)
    with pytest.raises(CorruptError, match="is not there"):
        store.checked(manifest, VECTORS)


@pytest.mark.parametrize("name", ["manifest.json", "current"])
def test_a_damaged_manifest_or_pointer_is_one_sentence(store: Store, name: str) -> None:
    write(store, 1)
    version = store.required("t", "a").version
    uri = store.path("t", "a", *([version] if name == "manifest.json" else []), name)
    content = store.files.read(uri)
    for changed in (b"", content[: len(content) // 2], content + b"x", b"\xff\xfe\n"):
        store.files.replace(uri, changed, workdirs.new_folder(store.files))
        with pytest.raises(CorruptError, match=rf"{name}.*run `guyot verify --repair`, then `guyot run`$"):
            store.current("t", "a")


def test_of_two_writers_of_one_version_the_first_stays(store: Store) -> None:
    with store.write("t", "a", inputs={}, settings={}, code="") as slow:
        slow.table(pa.table({"x": [2]}))
        with store.write("t", "a", inputs={}, settings={}, code="") as quick:
            quick.table(pa.table({"x": [1]}))
    manifest = store.required("t", "a")
    assert store.table(manifest)["x"].to_pylist() == [1]
    assert store.checked(manifest, ROWS)


def test_what_a_dead_writer_left_in_its_place_is_replaced(store: Store) -> None:
    version = version_of({"i": "1"}, {}, "1")
    for name in (ROWS, "more.parquet"):
        store.files.replace(store.path("t", "a", version, name), b"half", workdirs.new_folder(store.files))
    assert store.current("t", "a") is None
    write(store, 1)
    assert store.table(store.required("t", "a"))["x"].to_pylist() == [1]


def test_a_prefix_is_not_taken_for_a_table(store: Store) -> None:
    write(store, 1, "a")
    with store.write("t-more", "b", inputs={}, settings={}, code="1") as writer:
        writer.table(pa.table({"x": [1]}))
    assert store.partitions("t") == ["a"]
    assert store.partitions("nothing") == []

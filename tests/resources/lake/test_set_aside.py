"""Setting aside: nothing reads it any more, and every byte of it is still there."""

from pathlib import Path

import pyarrow as pa
import pytest

from resources.lake import set_aside
from resources.lake.saved_batches import write
from resources.lake.store import Store
from resources.settings import Settings


@pytest.fixture
def store(place: str) -> Store:
    store = Store(settings=Settings(lake=place))
    with store.write("t", "a/0", inputs={}, settings={}, code="1") as writer:
        writer.table(pa.table({"x": [1, 2]}))
    return store


def contents(store: Store) -> list[bytes]:
    return sorted(store.files.read(file.uri) for file in store.files.walk(store.root))


def test_a_version_and_its_pointer_are_gone_and_kept(store: Store) -> None:
    name, before = ("t", "a/0", store.required("t", "a/0").version), contents(store)
    set_aside.set_version_aside(store.files, name)
    assert store.current("t", "a/0") is None
    assert store.partitions("t") == ["a/0"]
    set_aside.set_pointer_aside(store.files, ("t", "a/0"))
    assert store.partitions("t") == []
    assert store.versions("t") == []
    assert contents(store) == before
    assert set_aside.names(store.files) == {name, ("t", "a/0", "current")}
    assert set_aside.held(store.files) == (3, sum(map(len, before)))


def test_the_same_version_is_set_aside_twice(store: Store) -> None:
    name = ("t", "a/0", store.required("t", "a/0").version)
    set_aside.set_version_aside(store.files, name)
    with store.write("t", "a/0", inputs={}, settings={}, code="1") as writer:
        writer.table(pa.table({"x": [1, 2]}))
    set_aside.set_version_aside(store.files, name)
    assert set_aside.held(store.files)[0] == 4


def test_what_is_gone_is_noted_and_no_error(store: Store) -> None:
    set_aside.set_version_aside(store.files, ("t", "b", "0" * 16))
    set_aside.set_pointer_aside(store.files, ("t", "b"))
    set_aside.set_file_aside(store.files, "nothing")
    assert set_aside.names(store.files) == {("t", "b", "0" * 16)}
    if not store.files.remote:
        Path(store.path("t", "c", "0" * 16)).mkdir(parents=True)  # of which the files alone are gone
        set_aside.set_version_aside(store.files, ("t", "c", "0" * 16))
        assert ("t", "c", "0" * 16) in set_aside.names(store.files)


def test_a_file_beside_the_tables_is_moved(store: Store) -> None:
    write(store.files, store.path("catalogue.duckdb"), b"damaged")
    set_aside.set_file_aside(store.files, "catalogue.duckdb")
    assert not store.files.exists(store.path("catalogue.duckdb"))
    assert set_aside.held(store.files) == (1, 7)

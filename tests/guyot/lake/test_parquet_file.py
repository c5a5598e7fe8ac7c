"""A version's Parquet file: what is not as it was written is an error that names it, never other values."""

import functools
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from guyot.errors import CorruptError, UnreachableError
from guyot.lake.parquet_file import footer_of, named_damage, opened, require_size
from resources.lake import workdirs
from resources.lake.manifest import ROWS, Manifest
from resources.lake.store import Store
from resources.settings import Settings


@pytest.fixture
def store(place: str) -> Store:
    store = Store(settings=Settings(lake=place))
    rows = np.random.default_rng(0).integers(0, 99, 500)
    with store.write("t", "a", inputs={}, settings={}, code="") as writer:
        writer.table(pa.table({"x": rows, "name": [f"name {row}" for row in rows]}))
    return store


def replace(store: Store, manifest: Manifest, content: bytes) -> None:
    store.files.replace(store.file(manifest, ROWS), content, workdirs.new_folder(store.files))


def reads(store: Store, manifest: Manifest) -> list[Callable[[], pa.Table]]:
    return [
        functools.partial(store.table, manifest),
        lambda: pa.Table.from_batches(list(store.batches(manifest, rows=100))),
    ]


def test_no_flipped_bit_gives_other_values(store: Store) -> None:
    manifest, draw = store.required("t", "a"), np.random.default_rng(1)
    whole, content = store.table(manifest), store.files.read(store.file(manifest, ROWS))
    outcomes, said = {"same": 0, "said": 0}, set[bool]()
    for place in draw.integers(0, len(content), 200 if not store.files.remote else 20).tolist():
        flipped = bytearray(content)
        flipped[place] ^= 1 << int(draw.integers(8))
        replace(store, manifest, bytes(flipped))
        for read in reads(store, manifest):
            try:
                assert read().equals(whole)
                outcomes["same"] += 1
            except CorruptError as error:
                outcomes["said"] += 1
                said.add(str(error).startswith(f"{store.file(manifest, ROWS)} "))
                said.add(str(error).endswith("run `guyot verify --repair`, then `guyot run`"))
    assert said == {True}
    assert outcomes["said"] > 10 * outcomes["same"]


def test_a_cut_a_grown_and_a_missing_file_are_said(store: Store) -> None:
    manifest = store.required("t", "a")
    content = store.files.read(store.file(manifest, ROWS))
    for changed in (content[:-1], content + b"x", b""):
        replace(store, manifest, changed)
        for read in reads(store, manifest):
            with pytest.raises(CorruptError, match=f"has {len(changed)} bytes, and {len(content)} by its"):
                read()
    store.files.delete(store.file(manifest, ROWS))
    for read in reads(store, manifest):
        with pytest.raises(CorruptError, match="is not there, and a manifest names it"):
            read()


def test_a_file_of_before_there_were_checksums_is_read(store: Store, tmp_path: Path) -> None:
    table = pa.table({"x": [1, 2]})
    pq.write_table(table, tmp_path / "old.parquet")
    content = (tmp_path / "old.parquet").read_bytes()
    replace(store, store.required("t", "a"), content)
    for n_bytes in (None, len(content)):
        with store.files.open(store.file(store.required("t", "a"))) as source:
            with opened(source, "here", n_bytes, is_remote=store.files.remote) as file:
                assert file.read().equals(table)
            with pytest.raises(CorruptError, match="here has a footer of [0-9]+ bytes that was not written"):
                with opened(source, "here", n_bytes, 7, is_remote=store.files.remote):
                    pass


def test_a_footer_of_any_size_is_found(store: Store) -> None:
    wide = pa.table({f"a column of number {number}": [number] for number in range(1000)})
    with store.write("t", "wide", inputs={}, settings={}, code="") as writer:
        writer.table(wide)
    manifest = store.required("t", "wide")
    content = store.files.read(store.file(manifest, ROWS))
    n_bytes = int.from_bytes(content[-8:-4], "little") + 8
    with store.files.open(store.file(manifest, ROWS)) as source:
        assert footer_of(source) == content[-n_bytes:]
    assert n_bytes > 65_536
    assert manifest.files[ROWS].footer_crc32 == zlib.crc32(content[-n_bytes:])
    assert store.table(manifest).equals(wide)
    for short in (b"", b"PAR1", b"\xff" * 8, b"\xff" * 100):
        assert len(footer_of(pa.BufferReader(short))) <= len(short)


def test_what_fails_for_another_reason_keeps_it() -> None:
    with pytest.raises(UnreachableError, match="S3 is away"), named_damage("here"):
        raise UnreachableError("S3 is away")
    with pytest.raises(CorruptError, match="here cannot be read: .*Input/output error"), named_damage("here"):
        raise OSError(5, "Input/output error")
    require_size("here", 3, 3)

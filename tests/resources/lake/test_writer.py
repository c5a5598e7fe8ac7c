"""The writer: what the manifest is told is what lies there."""

import hashlib
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.corpus import some_units

from resources.lake.manifest import ROWS, VECTORS, File
from resources.lake.writer import Writer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_every_file_is_told_with_its_rows_bytes_and_digest(folder: Path) -> None:
    writer = Writer(folder)
    writer.table(pa.table({"x": [1, 2]}))
    writer.vectors(some_units(3, 8))
    with writer.file("note.txt") as file:
        file.write(b"hello")
    files = writer.finish()
    assert {path.name for path in folder.iterdir()} == set(files) == {ROWS, VECTORS, "note.txt"}
    assert {name: file.rows for name, file in files.items()} == {ROWS: 2, VECTORS: 3, "note.txt": 0}
    for name, file in files.items():
        data = (folder / name).read_bytes()
        digest = hashlib.blake2b(data, digest_size=16).hexdigest()
        assert file == File(file.rows, len(data), digest, file.footer_crc32)
        assert (file.footer_crc32 is not None) == (name == ROWS)


def test_plain_columns_have_no_dictionary(folder: Path) -> None:
    writer = Writer(folder)
    writer.table(pa.table({"id": ["a", "b"], "kind": ["x", "x"]}), plain=["id"])
    group = pq.ParquetFile(folder / ROWS).metadata.row_group(0)
    assert not group.column(0).has_dictionary_page
    assert group.column(1).has_dictionary_page


def test_every_page_has_a_checksum(folder: Path) -> None:
    Writer(folder).table(pa.table({"x": np.random.default_rng(0).random(1000)}))
    content = bytearray((folder / ROWS).read_bytes())
    content[1000] ^= 1
    with pytest.raises(OSError, match="CRC checksum"):
        pq.ParquetFile(pa.BufferReader(bytes(content)), page_checksum_verification=True).read()


def test_rows_are_counted_over_batches_and_of_no_batch(folder: Path) -> None:
    writer = Writer(folder)
    schema = pa.schema([("x", pa.int64())])
    with writer.parquet(schema) as sink:
        for size in (2, 0, 3):
            sink.write_batch(pa.record_batch([pa.array(range(size), pa.int64())], schema=schema))
    with writer.parquet(schema, "empty.parquet"):
        pass
    files = writer.finish()
    assert (files[ROWS].rows, files["empty.parquet"].rows) == (5, 0)
    assert pq.read_table(folder / "empty.parquet").schema == schema
    assert pq.ParquetFile(folder / ROWS).metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_large_table_is_cut_into_row_groups(folder: Path) -> None:
    writer = Writer(folder)
    writer.table(pa.table({"x": np.arange(65_537)}))
    writer.finish()
    assert pq.ParquetFile(folder / ROWS).num_row_groups == 2


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (300, 256), (0, 7)])
def test_vectors_begin_where_the_fact_says_and_are_one_arrow_batch(
    folder: Path, shape: tuple[int, int]
) -> None:
    vectors = some_units(*shape) if shape[0] else np.zeros(shape, np.float16)
    writer = Writer(folder)
    writer.vectors(vectors[::-1])  # not contiguous
    writer.finish()
    fact = writer.facts["vectors"][VECTORS]
    assert fact["width"] == shape[1]
    assert fact["crc32"] == zlib.crc32(np.ascontiguousarray(vectors[::-1]).tobytes())
    data = (folder / VECTORS).read_bytes()[fact["body_offset"] :]
    found = np.frombuffer(data, np.float16, shape[0] * shape[1]).reshape(shape)
    assert np.array_equal(found, vectors[::-1])
    with pa.memory_map(str(folder / VECTORS)) as source:
        file = pa.ipc.open_file(source)
        assert file.num_record_batches == 1
        assert file.get_batch(0).num_rows == shape[0]
        assert file.schema.field("vector").type == pa.list_(pa.float16(), shape[1])
    if shape[0]:
        assert fact["body_offset"] % 8 == 0


def test_equal_values_are_equal_bytes(tmp_path: Path) -> None:
    found = []
    for name in "ab":
        (tmp_path / name).mkdir()
        writer = Writer(tmp_path / name)
        writer.table(pa.table({"x": ["one", None], "y": [1.5, 2.5]}))
        writer.vectors(some_units(4, 4))
        found.append(writer.finish())
    assert found[0] == found[1]

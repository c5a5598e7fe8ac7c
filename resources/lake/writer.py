"""Writes the files of one version of a partition."""

import contextlib
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from guyot.lake.parquet_file import footer_of
from resources.lake.manifest import ROWS, VECTORS, File
from resources.lake.vector_file import crc32_of

ROW_GROUP_ROWS = 65_536


class Writer:
    """The files of one version, written into a folder that only this writer uses and published together."""

    def __init__(self, folder: Path) -> None:
        self.facts: dict[str, Any] = {}
        self.content: str | None = None
        self._folder = folder
        self._rows: dict[str, int] = {}
        self._footers: dict[str, int] = {}

    def table(self, table: pa.Table, name: str = ROWS, *, plain: list[str] | None = None) -> None:
        """Write a table; columns named in `plain`, such as ids, are written without a dictionary."""
        with self.parquet(table.schema, name, plain=plain) as sink:
            sink.write_table(table, row_group_size=ROW_GROUP_ROWS)
        self._rows[name] = table.num_rows

    @contextlib.contextmanager
    def parquet(
        self, schema: pa.Schema, name: str = ROWS, *, plain: list[str] | None = None
    ) -> Iterator[pq.ParquetWriter]:
        """Open a Parquet file that is written batch by batch; each page has a checksum."""
        with_dictionary: Any = [n for n in schema.names if n not in plain] if plain else True
        path = self._folder / name
        with pq.ParquetWriter(
            path, schema, compression="zstd", use_dictionary=with_dictionary, write_page_checksum=True
        ) as sink:
            yield sink
        with pa.OSFile(str(path)) as written:
            footer = footer_of(written)
        self._rows[name] = pq.read_metadata(pa.BufferReader(footer)).num_rows
        self._footers[name] = zlib.crc32(footer)

    def vectors(self, vectors: NDArray[np.float16], name: str = VECTORS) -> None:
        """Write vectors as one uncompressed Arrow IPC batch; note where its body begins, and its checksum."""
        rows, width = vectors.shape
        self._rows[name] = rows
        whole = np.ascontiguousarray(vectors)
        flat = pa.array(whole.reshape(-1), pa.float16())
        column = pa.FixedSizeListArray.from_arrays(flat, width)
        batch = pa.record_batch([column], names=["vector"])
        with pa.OSFile(str(self._folder / name), "wb") as sink:
            with pa.ipc.new_file(sink, batch.schema) as file:
                file.write_batch(batch)
        begin = _body_offset(self._folder / name, rows)
        fact = {"width": width, "body_offset": begin, "crc32": crc32_of(whole)}
        self.facts.setdefault("vectors", {})[name] = fact

    @contextlib.contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file of any other form."""
        self._rows[name] = 0
        with (self._folder / name).open("wb") as sink:
            yield sink

    def finish(self) -> dict[str, File]:
        """Return the manifest's entry of every file."""
        paths = {name: self._folder / name for name in sorted(self._rows)}
        return {
            name: File(self._rows[name], path.stat().st_size, _digest(path), self._footers.get(name))
            for name, path in paths.items()
        }


def _body_offset(path: Path, rows: int) -> int:
    """Find where the vectors begin in an Arrow IPC file of one batch."""
    if rows == 0:
        return 0
    with pa.memory_map(str(path)) as source:
        body = pa.ipc.open_file(source).get_batch(0).column(0).flatten().buffers()[1]
        start = source.read_buffer(1)
        return body.address - start.address


def _digest(path: Path) -> str:
    """Hash a file's bytes."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, lambda: hashlib.blake2b(digest_size=16)).hexdigest()

"""Writes the files of one version of a partition."""

import contextlib
import hashlib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from resources.manifest import ROWS, VECTORS, File

_HASH_CHUNK_BYTES = 1 << 20
_ROW_GROUP_ROWS = 65_536


class Writer:
    """The files of one version while it is written, each under a temporary name until it is whole."""

    def __init__(self, folder: str) -> None:
        self.facts: dict[str, Any] = {}
        self.content: str | None = None
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._attempt = uuid.uuid4().hex
        self._rows: dict[str, int] = {}

    def table(self, table: pa.Table, name: str = ROWS) -> None:
        """Write a table whole."""
        with self.parquet(table.schema, name) as sink:
            sink.write_table(table, row_group_size=_ROW_GROUP_ROWS)
        self._rows[name] = table.num_rows

    @contextlib.contextmanager
    def parquet(self, schema: pa.Schema, name: str = ROWS) -> Iterator[pq.ParquetWriter]:
        """Open a Parquet file that is written batch by batch."""
        with pq.ParquetWriter(self._temporary(name), schema, compression="zstd") as sink:
            yield sink
        self._rows[name] = pq.read_metadata(self._temporary(name)).num_rows

    def vectors(self, vectors: NDArray[np.float16], name: str = VECTORS) -> None:
        """Write vectors as one uncompressed Arrow IPC batch and note where its body begins."""
        rows, width = vectors.shape
        self._rows[name] = rows
        flat = pa.array(np.ascontiguousarray(vectors).reshape(-1), pa.float16())
        column = pa.FixedSizeListArray.from_arrays(flat, width)
        batch = pa.record_batch([column], names=["vector"])
        with pa.OSFile(str(self._temporary(name)), "wb") as sink:
            with pa.ipc.new_file(sink, batch.schema) as file:
                file.write_batch(batch)
        fact = {"width": width, "body_offset": _body_offset(self._temporary(name), rows)}
        self.facts.setdefault("vectors", {})[name] = fact

    @contextlib.contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file of any other form."""
        self._rows[name] = 0
        with self._temporary(name).open("wb") as sink:
            yield sink

    def finish(self) -> dict[str, File]:
        """Give every file its final name; return what the manifest says of it."""
        for name in self._rows:
            self._temporary(name).replace(self._folder / name)
        paths = {name: self._folder / name for name in sorted(self._rows)}
        return {n: File(self._rows[n], p.stat().st_size, _digest(p)) for n, p in paths.items()}

    def abandon(self) -> None:
        """Remove what was written."""
        for path in self._folder.glob(f"*.{self._attempt}.tmp"):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    def _temporary(self, name: str) -> Path:
        """Name a file that is not whole yet."""
        return self._folder / f"{name}.{self._attempt}.tmp"


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
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as source:
        while chunk := source.read(_HASH_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()

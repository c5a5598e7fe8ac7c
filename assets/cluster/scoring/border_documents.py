"""Vectors that lie scattered over the shards, gathered in few reads into a file of this machine."""

import dataclasses
import mmap
import tempfile
import threading
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assets.cluster.scoring.document_locations import DocumentLocations
from assets.cluster.scoring.minhash_scratch import release
from guyot.narrow import Rows, row_type
from resources.storage.concurrent import concurrent

GAP_BYTES = 1 << 20  # between two rows: fewer are read too, since on S3 a request costs more
READ_BYTES = 1 << 20  # by one read, at most
_READS_AT_ONCE = 4096  # that are asked for; a few are under way
_HELD_ROWS = 8192  # written anywhere: each may bring some pages along
_ITEM_BYTES = np.dtype(np.float16).itemsize


class VectorRanges(Protocol):
    """float16[n, d] that is read range by range."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and width."""
        ...

    def read(self, begin: int, end: int) -> NDArray[np.float16]:
        """Read a range of rows."""
        ...


@dataclasses.dataclass(frozen=True)
class GatheredVectors:
    """Vectors in a file without a name, which is gone with them; what is read is a copy.

    rows : float16[v, d], mapped
    """

    rows: NDArray[np.float16]
    _mapped: mmap.mmap | None = None

    def read(self, begin: int, end: int) -> NDArray[np.float16]:
        """Read a range of rows: float16[end - begin, d]; no page of the file stays in memory for it."""
        found = self.rows[begin:end].copy()
        self.release()
        return found

    def release(self) -> None:
        """Let the file's pages go; it keeps what was written."""
        if self._mapped is not None:
            release(self._mapped)


def gather(
    shards: Sequence[VectorRanges],
    placed: DocumentLocations,
    documents: Rows,
) -> GatheredVectors:
    """Read some documents' vectors, each shard's in the order in which they lie there.

    Parameters
    ----------
    shards : the vectors of each shard's assignments
    placed : where the documents lie
    documents : int32[v] or int64[v], some of them, in any order

    Returns
    -------
    GatheredVectors, in that order
    """
    width = shards[0].shape[1]
    if not len(documents):
        return GatheredVectors(np.zeros((0, width), np.float16))
    with tempfile.TemporaryFile() as file:
        file.truncate(len(documents) * width * _ITEM_BYTES)
        mapped = mmap.mmap(file.fileno(), 0)
    found = GatheredVectors(np.frombuffer(mapped, np.float16).reshape(-1, width), mapped)
    shard, row = placed.shard[documents], placed.row[documents]
    order = np.lexsort((row, shard)).astype(row_type(len(documents)))
    parts = np.split(order, _cuts(shard[order], row[order], width * _ITEM_BYTES))
    copying = _Copying(found)
    for begin in range(0, len(parts), _READS_AT_ONCE):
        some = parts[begin : begin + _READS_AT_ONCE]
        concurrent(copying, ((shards[int(shard[part[0]])], row[part], part) for part in some))
    found.release()
    return found


class _Copying:
    """Reads ascending rows of a shard, with what lies between them, and writes them where they belong."""

    def __init__(self, found: GatheredVectors) -> None:
        self._found, self._n_held, self._lock = found, 0, threading.Lock()

    def __call__(self, request: tuple[VectorRanges, NDArray[np.int32], Rows]) -> None:
        """Copy rows of one shard to the places of others."""
        vectors, rows, places = request
        first = int(rows[0])
        self._found.rows[places] = vectors.read(first, int(rows[-1]) + 1)[rows - first]
        with self._lock:
            self._n_held += len(rows)
            is_much = self._n_held > _HELD_ROWS
            if is_much:
                self._n_held = 0
        if is_much:
            self._found.release()


def _cuts(shard: NDArray[np.int32], row: NDArray[np.int32], row_bytes: int) -> NDArray[np.int64]:
    """Return where a new read begins: at another shard, after a wide gap, or at the maximum size."""
    part = row // max(1, READ_BYTES // row_bytes)
    wide = np.diff(row) > GAP_BYTES // row_bytes  # not a product, which passes 32 bits
    return np.flatnonzero((np.diff(shard) != 0) | (np.diff(part) != 0) | wide) + 1

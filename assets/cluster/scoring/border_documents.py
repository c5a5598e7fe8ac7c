"""Vectors that lie scattered over the shards, gathered in few reads into a file of this machine."""

import tempfile

import numpy as np
from numpy.typing import NDArray

from assets.cluster.scoring.document_locations import DocumentLocations
from resources.lake.vector_file import VectorRows
from resources.storage.concurrent import N_CONCURRENT, concurrent

GAP_BYTES = 1 << 20  # between two rows: fewer are read too, since on S3 a request costs more
READ_BYTES = 1 << 23  # by one read, at most
READS_AT_ONCE = 2 * N_CONCURRENT


def gather(
    shards: list[VectorRows], placed: DocumentLocations, documents: NDArray[np.int64]
) -> NDArray[np.float16]:
    """Read some documents' vectors, each shard's in the order in which they lie there.

    Parameters
    ----------
    shards : the vectors of each shard's assignments
    placed : where the documents lie
    documents : int64[v], some of them, in any order

    Returns
    -------
    float16[v, d], in that order: of a file without a name, which is gone with the array
    """
    width = shards[0].shape[1]
    if not len(documents):
        return np.zeros((0, width), np.float16)
    with tempfile.TemporaryFile() as file:
        found = np.memmap(file, np.float16, "w+", shape=(len(documents), width))
    shard, row = placed.shard[documents], placed.row[documents].astype(np.int64)
    order = np.lexsort((row, shard))

    parts = np.split(order, _cuts(shard[order], row[order], width * found.itemsize))
    for begin in range(0, len(parts), READS_AT_ONCE):
        some = parts[begin : begin + READS_AT_ONCE]
        asked = [(shards[shard[part[0]]], row[part]) for part in some]
        for part, vectors in zip(some, concurrent(_read, asked), strict=True):
            found[part] = vectors
    return found


def _read(request: tuple[VectorRows, NDArray[np.int64]]) -> NDArray[np.float16]:
    """Read ascending rows of one shard, and what lies between them, at once."""
    vectors, rows = request
    return np.asarray(vectors[int(rows[0]) : int(rows[-1]) + 1])[rows - rows[0]]


def _cuts(shard: NDArray[np.int32], row: NDArray[np.int64], row_bytes: int) -> NDArray[np.int64]:
    """Return where a new read begins: at another shard, after a wide gap, or at the maximum size."""
    part = row // max(1, READ_BYTES // row_bytes)
    wide = np.diff(row) * row_bytes > GAP_BYTES
    return np.flatnonzero((np.diff(shard) != 0) | (np.diff(part) != 0) | wide) + 1

# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""Reads rows that lie anywhere in a table's shards, by row group: those without a wanted row are not read."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from guyot.errors import CorruptError
from guyot.lake.parquet_file import named_damage
from guyot.lake.versions import opened
from guyot.train.epoch_order import SHARD_ALIGNMENT

_BATCH_ROWS = SHARD_ALIGNMENT  # a row group: a batch of two would be copied together
_OPEN_FILES = 64


@dataclass(frozen=True, eq=False)
class RowGroups:
    """A Parquet file for each shard; plain values, so that another process can have it.

    place : the lake, a folder or s3://bucket/prefix
    paths : of the shards' files, in the lake's file system
    begins : int64[s + 1], the row of a schedule at which each shard begins, and the number of rows
    columns : that are read
    """

    place: str
    paths: tuple[str, ...]
    begins: NDArray[np.int64]
    columns: tuple[str, ...]

    def batches(self, rows: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], pa.RecordBatch]]:
        """Yield some rows, batch by batch: (int64[b], which of those asked for, the batch of these).

        Parameters
        ----------
        rows : int64[n], ascending, each once

        Raises
        ------
        CorruptError : a shard's file has fewer rows than its schedule, or is not what was written.
        """
        shards = np.searchsorted(self.begins, rows, "right") - 1
        bounds = np.flatnonzero(np.diff(shards, prepend=-1, append=-1))
        for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            shard = int(shards[begin])
            local = rows[begin:end] - self.begins[shard]
            with named_damage(self.paths[shard]):
                for places, batch in self._of_shard(shard, local):
                    yield begin + places, batch

    def _of_shard(
        self, shard: int, rows: NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int64], pa.RecordBatch]]:
        """Yield rows of one shard."""
        file = _opened(self.place, self.paths[shard])
        starts = _starts(self.place, self.paths[shard])
        if rows[-1] >= starts[-1]:
            raise CorruptError(
                f"row {rows[-1]} of {self.paths[shard]} was asked for; it has {starts[-1]}; build the "
                "shard again"
            )
        groups = np.unique(np.searchsorted(starts, rows, "right") - 1)
        held = np.concatenate(
            [np.arange(int(starts[group]), int(starts[group + 1])) for group in groups.tolist()]
        )
        wanted = np.searchsorted(held, rows)  # among the rows that are read
        begin = 0
        for batch in file.iter_batches(
            _BATCH_ROWS, row_groups=groups.tolist(), columns=list(self.columns), use_threads=False
        ):
            first, last = np.searchsorted(wanted, [begin, begin + batch.num_rows]).tolist()
            if last - first == batch.num_rows:
                yield np.arange(first, last), batch
            elif last > first:
                yield np.arange(first, last), batch.take(pa.array(wanted[first:last] - begin))
            begin += batch.num_rows


@functools.lru_cache(_OPEN_FILES)
def _opened(place: str, path: str) -> pq.ParquetFile:
    """Open a file, once for as long as it is in use: a version's files never change."""
    files, _ = opened(place)
    remote = place.startswith("s3://")
    return pq.ParquetFile(path, filesystem=files, pre_buffer=remote, page_checksum_verification=True)


def _starts(place: str, path: str) -> NDArray[np.int64]:
    """Return the row at which each row group begins, and the number of rows: int64[g + 1]."""
    metadata = _opened(place, path).metadata
    sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    return np.cumsum([0, *sizes], dtype=np.int64)

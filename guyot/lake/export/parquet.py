# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""Parquet files, packed by zstd: 00000.parquet and so on."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from guyot.lake.export.files import parts


def write(batches: Iterator[pa.RecordBatch], folder: Path, documents_per_file: int) -> None:
    """Write documents as rows; no file where there is none."""
    sink: pq.ParquetWriter | None = None
    at = -1
    try:
        for number, part in parts(batches, documents_per_file):
            if number != at:
                if sink is not None:
                    sink.close()
                sink = pq.ParquetWriter(folder / f"{number:05}.parquet", part.schema, compression="zstd")
                at = number
            assert sink is not None
            sink.write_batch(part)
    finally:
        if sink is not None:
            sink.close()

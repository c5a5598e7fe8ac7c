# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""Parquet files, packed by zstd: 00000.parquet and so on."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from guyot.lake.export.files import files


def write(batches: Iterator[pa.RecordBatch], folder: Path, documents_per_file: int) -> None:
    """Write documents as rows; no file where there is none."""
    from guyot.lake.export import COLUMNS

    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    for number, own in files(batches, documents_per_file):
        with pq.ParquetWriter(folder / f"{number:05}.parquet", schema, compression="zstd") as sink:
            for batch in own:
                sink.write_batch(batch)

# pyright: standard, reportMissingTypeStubs=false, reportMissingImports=false
# (neither pyarrow nor streaming has types)
"""Shards of MosaicML Streaming, packed by zstd."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa


def write(
    batches: Iterator[pa.RecordBatch], folder: Path, documents_per_file: int, *, has_images: bool = False
) -> None:
    """Write documents as samples; shards are cut by their size in bytes, as the library does."""
    from streaming import MDSWriter

    from guyot.lake.export import COLUMNS, IMAGE_COLUMN

    columns = dict.fromkeys(COLUMNS, "str") | ({IMAGE_COLUMN: "bytes"} if has_images else {})
    with MDSWriter(out=str(folder), columns=columns, compression="zstd") as sink:
        for batch in batches:
            for row in batch.to_pylist():
                sink.write(row)

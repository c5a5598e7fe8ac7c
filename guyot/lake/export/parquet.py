# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""Parquet files, packed by zstd: 00000.parquet and so on."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from guyot.lake.export.files import files


def write(
    batches: Iterator[pa.RecordBatch], folder: Path, documents_per_file: int, *, has_images: bool = False
) -> None:
    """Write documents as rows; no file where there is none.

    Images are a struct of bytes and path, as `datasets` reads them, and as a lake's source may have them.
    """
    from guyot.lake.export import COLUMNS
    from guyot.lake.export.image_struct import IMAGE_FIELD, IMAGE_METADATA, with_image_struct

    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    if has_images:
        schema = schema.append(IMAGE_FIELD).with_metadata(IMAGE_METADATA)
    for number, own in files(batches, documents_per_file):
        with pq.ParquetWriter(folder / f"{number:05}.parquet", schema, compression="zstd") as sink:
            for batch in own:
                own_batch = with_image_struct(batch) if has_images else batch
                sink.write_batch(own_batch.cast(schema))

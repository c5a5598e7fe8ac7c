# pyright: standard, reportMissingTypeStubs=false, reportMissingImports=false
# (neither pyarrow nor webdataset has types)
"""Tar files of WebDataset: of each document DOC_ID.txt, and DOC_ID.json with where it comes from.

Of an image also DOC_ID.png, or .jpg and so on, by its bytes; its text is its caption.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa


def write(
    batches: Iterator[pa.RecordBatch], folder: Path, documents_per_file: int, *, has_images: bool = False
) -> None:
    """Write documents as samples: 00000.tar and so on."""
    from webdataset.writer import ShardWriter

    from guyot.images.formats import image_suffix
    from guyot.lake.export import IMAGE_COLUMN

    with ShardWriter(f"{folder}/%05d.tar", maxcount=documents_per_file, maxsize=2**62, verbose=0) as sink:
        for batch in batches:
            for row in batch.to_pylist():
                text = row.pop("text")
                image = row.pop(IMAGE_COLUMN, None)
                sample: dict[str, Any] = {"__key__": row["doc_id"], "txt": text, "json": row}
                if image is not None:
                    sample[image_suffix(image).removeprefix(".")] = image
                sink.write(sample)

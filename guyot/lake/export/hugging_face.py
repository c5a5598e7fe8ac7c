# pyright: standard, reportMissingTypeStubs=false, reportMissingImports=false
# (neither pyarrow nor datasets has types)
"""A Hugging Face dataset, as `datasets.load_from_disk` opens it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa


def write(
    batches: Iterator[pa.RecordBatch], folder: Path, documents_per_file: int, *, has_images: bool = False
) -> None:
    """Write documents as rows of a dataset, through Arrow files on disk."""
    import datasets
    from datasets.arrow_writer import ArrowWriter

    from guyot.lake.export import COLUMNS, IMAGE_COLUMN
    from guyot.lake.export.image_struct import with_image_struct

    features = datasets.Features({name: datasets.Value("string") for name in COLUMNS})
    if has_images:
        features[IMAGE_COLUMN] = datasets.Image()
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        path = Path(scratch) / "documents.arrow"
        with ArrowWriter(path=str(path), features=features) as writer:
            for batch in batches:
                own = with_image_struct(batch) if has_images else batch
                writer.write_table(pa.Table.from_batches([own]))
            n_documents, _ = writer.finalize()
        found: Any = datasets.Dataset.from_file(str(path))
        n_files = max(1, -(-n_documents // documents_per_file))
        found.save_to_disk(folder, num_shards=n_files)

# pyright: standard, reportMissingTypeStubs=false, reportMissingImports=false
# (neither pyarrow nor webdataset has types)
"""Tar files of WebDataset: of each document DOC_ID.txt, and DOC_ID.json with where it comes from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa


def write(batches: Iterator[pa.RecordBatch], folder: Path, documents_per_file: int) -> None:
    """Write documents as samples: 00000.tar and so on."""
    from webdataset.writer import ShardWriter

    with ShardWriter(f"{folder}/%05d.tar", maxcount=documents_per_file, maxsize=2**62, verbose=0) as sink:
        for batch in batches:
            for row in batch.to_pylist():
                text = row.pop("text")
                sample: dict[str, Any] = {"__key__": row["doc_id"], "txt": text, "json": row}
                sink.write(sample)

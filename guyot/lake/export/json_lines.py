# pyright: standard, reportMissingTypeStubs=false, reportAttributeAccessIssue=false
# (pyarrow has no types)
"""JSON lines, packed by zstd: 00000.jsonl.zst and so on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from guyot.lake.export.files import files


def write(
    batches: Iterator[pa.RecordBatch], folder: Path, documents_per_file: int, *, has_images: bool = False
) -> None:
    """Write documents as objects, a line each; no file where there is none."""
    for number, own in files(batches, documents_per_file):
        with pa.CompressedOutputStream(str(folder / f"{number:05}.jsonl.zst"), "zstd") as sink:
            for batch in own:
                lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in batch.to_pylist())
                sink.write("".join(lines).encode())

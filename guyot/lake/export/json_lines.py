# pyright: standard, reportMissingTypeStubs=false, reportAttributeAccessIssue=false
# (pyarrow has no types)
"""JSON lines, packed by zstd: 00000.jsonl.zst and so on."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from guyot.lake.export.files import parts


def write(batches: Iterator[pa.RecordBatch], folder: Path, documents_per_file: int) -> None:
    """Write documents as objects, a line each; no file where there is none."""
    at = -1
    with contextlib.ExitStack() as stack:
        sink = None
        for number, part in parts(batches, documents_per_file):
            if number != at:
                stack.close()
                sink = stack.enter_context(
                    pa.CompressedOutputStream(str(folder / f"{number:05}.jsonl.zst"), "zstd")
                )
                at = number
            lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in part.to_pylist())
            assert sink is not None
            sink.write("".join(lines).encode())

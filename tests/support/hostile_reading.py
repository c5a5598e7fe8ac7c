"""Reads a hostile tree in a process of its own, and prints what each file yielded, as JSON.

Run as a script: the root, what its documents are, and the files that change while they are read, as hex.
"""

from __future__ import annotations

import collections
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {
    "reading.max_document_bytes": 1_000_000, "reading.free_unpacked_bytes": 2_000_000,
    "reading.max_expansion": 100,
    "reading.max_page_bytes": 10_000_000, "reading.max_image_pixels": 1_000_000,
}  # fmt: skip


def main() -> None:
    """List, read and report."""
    sys.path[:0] = [str(ROOT)]
    from assets.ingest.raw_shards import DOCUMENTS, QUARANTINE
    from guyot.errors import CorruptError
    from resources.settings import Settings
    from resources.sources.batches import batches
    from resources.sources.image_folders import ImageFolders
    from resources.sources.registry import live_by_shard
    from resources.sources.scan import Sources

    root, documents, changing = sys.argv[1], sys.argv[2], {bytes.fromhex(name) for name in sys.argv[3:]}
    settings = Settings.of(
        **{**SETTINGS, "source": root, "lake": f"{root}.lake", "reading.documents": documents}
    )
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew: it has that of the process before
    before = _peak()
    begun = time.process_time()
    listing = Sources(settings=settings).scan(None, "now")
    listed_seconds = time.process_time() - begun
    entries = [entry for shard in live_by_shard(listing.registry).values() for entry in shard]
    folders = ImageFolders(entries)
    files: dict[str, dict[str, Any]] = {}
    for entry in entries:
        changes = os.fsencode(entry.path) in changing
        begun, counts, is_changed = time.process_time(), collections.Counter[str](), False
        try:
            for batch in batches(
                [entry],
                settings,
                DOCUMENTS.schema,
                QUARANTINE.schema,
                folders=folders,
                batch_bytes=1 if changes else 16_000_000,
            ):
                counts["documents"] += batch.documents.num_rows
                for row in batch.quarantine.to_pylist():
                    counts[row["reason"]] += 1
                    assert row["detail"], row
                if changes and not is_changed:
                    _change(entry.location)
                    is_changed = True
        except CorruptError as error:
            counts["changed"] += 1
            if "materialize shard_registry again" not in str(error):
                raise
        seconds = time.process_time() - begun
        files[entry.path] = {"counts": counts, "seconds": seconds, "bytes": max(entry.bytes, 0)}
    json.dump(
        {"files": files, "listed_seconds": listed_seconds, "before": before, "peak": _peak()}, sys.stdout
    )


def _change(location: str) -> None:
    """Replace a file, cut it, append to it or remove it."""
    kind = os.stat(location).st_ino % 4 if os.path.exists(location) else -1
    if kind == 0:
        Path(location).unlink()
    elif kind == 1:
        os.truncate(location, 1)
    elif kind >= 2:
        with open(location, "ab") as sink:
            sink.write(b"more")


def _peak() -> int:
    """Return the most memory this process has had since it began anew, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main()

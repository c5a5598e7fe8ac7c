"""What a lake never holds: files and manifests of other values, that are as they should be otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from guyot.lake.manifests import FIELDS, manifest_fields, manifest_text

if TYPE_CHECKING:
    import pyarrow as pa

    from assets.graph.lake import LakeResources


def change_table(
    lake: LakeResources,
    table: str,
    key: str,
    change: Callable[[pa.Table], pa.Table],
    name: str = "rows.parquet",
) -> None:
    """Change a Parquet file of a live version behind the store's back; its manifest knows the new size."""
    manifest = lake.store.required(table, key)
    path = Path(lake.store.file(manifest, name))
    changed = change(pq.read_table(path))
    pq.write_table(changed, path)
    entry = {"rows": len(changed), "bytes": path.stat().st_size, "digest": "", "footer_crc32": None}
    change_manifest(path.with_name("manifest.json"), lambda fields: fields["files"].update({name: entry}))


def change_manifest(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a manifest's fields; it is as if it had been written so."""
    fields = manifest_fields(path.read_bytes(), str(path))
    change(fields)
    assert set(fields) <= FIELDS
    path.write_text(manifest_text(fields) if set(fields) == FIELDS else json.dumps(fields))

"""Damages files of a lake as disks and people do: a bit flipped, an end cut off, a file gone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from resources.lake.saved_batches import write

if TYPE_CHECKING:
    import numpy as np

    from assets.graph.lake import LakeResources

KINDS = ("flipped", "cut", "removed")


def files_of(lake: LakeResources) -> list[str]:
    """List the files of versions, and what names live ones."""
    root = lake.store.root
    inside = (file.uri.removeprefix(f"{root}/") for file in lake.store.files.walk(root))
    return [name for name in inside if "/" in name and not name.startswith(".")]


def damage_files(lake: LakeResources, n_files: int, draw: np.random.Generator) -> dict[str, str]:
    """Damage some files; return what was done to each.

    Of a partition's pointer and its manifests one alone is damaged: where both are gone there is no version.
    """
    done: dict[str, str] = {}
    names, taken = files_of(lake), dict[str, str]()
    for number in draw.permutation(len(names)).tolist():
        name = names[number]
        kind = KINDS[int(draw.integers(len(KINDS)))]
        partition, _, file = name.rpartition("/")
        if file == "manifest.json":
            partition = partition.rpartition("/")[0]
        if file in ("manifest.json", "current") and taken.setdefault(partition, file) != file:
            continue
        if spoil(lake, name, kind, draw):
            done[name] = kind
        if len(done) == n_files:
            break
    assert len(done) == n_files
    return done


def spoil(lake: LakeResources, name: str, kind: str, draw: np.random.Generator) -> bool:
    """Damage one file; return False where nothing of it can be flipped or cut off."""
    files, uri = lake.store.files, lake.store.path(name)
    content = files.read(uri)
    if kind == "removed":
        files.delete(uri)
        return True
    if not content:
        return False
    place = int(draw.integers(len(content)))
    flipped = bytearray(content)
    flipped[place] ^= 1 << int(draw.integers(8))
    changed = bytes(flipped) if kind == "flipped" else content[:place]
    if files.remote:
        write(files, uri, changed)
    else:
        Path(uri).write_bytes(changed)
    return True

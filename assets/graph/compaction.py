"""Compacts manifests: what live versions were made from, one file for each table, so that looks are quick."""

import contextlib
from collections.abc import Iterator, Mapping

from assets.graph.lake import LakeResources
from guyot.errors import CorruptError
from resources.lake import compacted
from resources.lake.damage import Damage
from resources.lake.listing import Name, Partition, listed
from resources.lake.manifest import ROWS, Manifest
from resources.lake.remembered import MIN_COMPACTED, RememberedStore
from resources.storage.concurrent import concurrent


def compact(look: LakeResources, *, min_read: int = MIN_COMPACTED) -> list[str]:
    """Compact the manifests that a look has read one by one, if they are many.

    Parameters
    ----------
    look : of `LakeResources.remembered`, after it was used
    min_read : fewer are left as they are: the next look reads them as soon

    Returns
    -------
    The tables whose files were written; none where the lake cannot be written.
    """
    return look.store.compact(min_read=min_read) if isinstance(look.store, RememberedStore) else []


def compact_all(lake: LakeResources, *, min_read: int = MIN_COMPACTED) -> list[str]:
    """Look at the live version of every partition, and compact what is not compacted.

    Raises
    ------
    CorruptError : a manifest, or what names a live version, is damaged.
    """
    look = lake.remembered()
    names = {*listed(lake.store.files).pointers, *_rows(lake)}  # what is gone is looked for, and left out
    concurrent(lambda name: look.store.origin(*name), sorted(names))
    return compact(look, min_read=min_read)


def _rows(lake: LakeResources) -> Iterator[Partition]:
    """Yield the partitions that have a row."""
    for table in compacted.tables(lake.store.files):
        with contextlib.suppress(CorruptError):
            yield from ((table, key) for key in compacted.read(lake.store.files, table))


def damaged(lake: LakeResources, whole: Mapping[Name, Manifest]) -> list[Damage]:
    """List the files of compacted manifests that cannot be read, or say other things than the manifests.

    Parameters
    ----------
    whole : the manifests that are as they were written
    """
    found: list[Damage] = []
    for table in compacted.tables(lake.store.files):
        try:
            rows = compacted.read(lake.store.files, table).values()
        except CorruptError:
            found.append(Damage(compacted.FOLDER, table, "", ROWS, "cannot be read"))
            continue
        manifests = {(key, version): one for (name, key, version), one in whole.items() if name == table}
        if wrong := compacted.differences(rows, manifests):
            said = f"differs from {len(wrong)} manifests, such as that of {wrong[0]}"
            found.append(Damage(compacted.FOLDER, table, "", ROWS, said))
    return found

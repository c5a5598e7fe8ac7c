"""Damaged versions, moved to where nothing reads them; nothing ever removes them but a person.

<lake>/.damaged/<table>/<key>/<version>@<UTC time>/...     a version
<lake>/.damaged/<table>/<key>/current@<UTC time>/pointer   what named the live version, where that is gone
"""

import contextlib
import datetime

from guyot.lake.names import CURRENT, MANIFEST
from resources.lake import saved_batches
from resources.lake.listing import Name, Partition, listed
from resources.storage.files import Files

DAMAGED = ".damaged"
_POINTER, _GONE = "pointer", "was-gone"


def place(files: Files) -> str:
    """Return where they lie."""
    return f"{files.root}/{DAMAGED}"


def names(files: Files) -> set[Name]:
    """Name the versions that were set aside; `current` is the version of a pointer."""
    found = listed(files, place(files)).versions
    return {(table, key, version.partition("@")[0]) for table, key, version in found}


def manifests(files: Files, table: str) -> list[tuple[str, bytes]]:
    """Read the manifests of a table's versions that were set aside, the newest first: (place, content)."""
    found = listed(files, place(files)).versions
    at = sorted((name for name in found if name[0] == table), key=lambda name: name[2].partition("@")[2])
    uris = [file.uri for name in reversed(at) for file in found[name] if file.uri.endswith(f"/{MANIFEST}")]
    return [(uri, files.read(uri)) for uri in uris]


def held(files: Files) -> tuple[int, int]:
    """Count the files that were set aside, and their bytes."""
    sizes = [file.bytes for file in files.walk(place(files))]
    return len(sizes), sum(sizes)


def set_version_aside(files: Files, name: Name) -> None:
    """Move a version; of one that is gone it is noted that it was looked for."""
    target = _target(files, name)
    files.move_folder("/".join((files.root, *name)), target, MANIFEST)
    if not files.walk(target):
        saved_batches.write(files, f"{target}/{_GONE}", b"")


def set_pointer_aside(files: Files, partition: Partition) -> None:
    """Move what names a live version, so that the partition has none."""
    _move("/".join((*partition, CURRENT)), files, f"{_target(files, (*partition, CURRENT))}/{_POINTER}")


def set_file_aside(files: Files, name: str) -> None:
    """Move a small file that lies beside the tables."""
    _move(name, files, f"{place(files)}/{name}@{_now()}")


def _move(name: str, files: Files, target: str) -> None:
    """Move a small file, if it is there: killed on the way, it is in one place or in both."""
    uri = f"{files.root}/{name}"
    with contextlib.suppress(FileNotFoundError):
        saved_batches.write(files, target, files.read(uri))
        files.delete(uri)


def _target(files: Files, name: Name) -> str:
    """Return a place where nothing was set aside before."""
    return f"{place(files)}/{'/'.join(name)}@{_now()}"


def _now() -> str:
    """Return the UTC time to a microsecond."""
    return f"{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%S.%fZ}"

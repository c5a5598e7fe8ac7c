"""What one listing of a lake shows: the files of every version, whole or not, and what names live ones."""

import dataclasses

from guyot.lake.names import CURRENT
from resources.storage.files import FileInfo, Files

Partition = tuple[str, str]  # table, key
Name = tuple[str, str, str]  # table, key, version
_MIN_PARTS = 3  # of a version's file: table, key, version and the file itself


@dataclasses.dataclass(frozen=True)
class Listing:
    """The files of each version, and the partitions that have a live-version pointer."""

    versions: dict[Name, list[FileInfo]]
    pointers: list[Partition]


def listed(files: Files, folder: str | None = None) -> Listing:
    """List a lake, or a folder that is laid out like one.

    What lies in a folder whose name begins with a dot is no version.
    """
    root = folder or files.root
    versions: dict[Name, list[FileInfo]] = {}
    pointers: list[Partition] = []
    for file in files.walk(root):
        parts = file.uri.removeprefix(f"{root}/").split("/")
        if parts[0].startswith("."):
            continue
        if parts[-1] == CURRENT and len(parts) >= _MIN_PARTS:
            pointers.append((parts[0], "/".join(parts[1:-1])))
        elif len(parts) > _MIN_PARTS:
            versions.setdefault((parts[0], "/".join(parts[1:-2]), parts[-2]), []).append(file)
    return Listing(versions, pointers)

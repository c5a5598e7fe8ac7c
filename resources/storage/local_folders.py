"""Folders of the local disk, which others may fill, move or remove at the same moment."""

import contextlib
import errno
import os
from pathlib import Path

import pyarrow.fs as pf

MAX_LISTINGS = 1000


def listed(filesystem: pf.FileSystem, selector: pf.FileSelector) -> list[pf.FileInfo]:
    """List a folder, anew where a folder inside of it went meanwhile.

    Raises
    ------
    FileNotFoundError : that happened a thousand times.
    """
    for _ in range(MAX_LISTINGS):
        with contextlib.suppress(FileNotFoundError):
            return filesystem.get_file_info(selector)
    return filesystem.get_file_info(selector)


def move_folder(folder: Path, target: Path, last: str) -> bool:
    """Rename a folder atomically, after removing what a dead writer left under the target name.

    Parameters
    ----------
    last : the file that is written last; a target that has it is complete and stays

    Returns
    -------
    Whether the folder was moved.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            folder.rename(target)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            if not _emptied(target, last):
                return False
        else:
            to_disk(target.parent)
            return True


def renamed(folder: Path, target: Path) -> bool:
    """Rename a folder to where nothing is yet, on the disk when it returns; return False if there is none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.rename(target)
    except FileNotFoundError:
        return False
    for changed in (target.parent, folder.parent):
        to_disk(changed)
    return True


def _emptied(folder: Path, last: str) -> bool:
    """Empty a folder, by its handle, that lacks its last file; return False if it is complete."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        names = os.listdir(handle)
        for name in names if last not in names else ():
            with contextlib.suppress(FileNotFoundError):  # another writer may be removing it
                os.unlink(name, dir_fd=handle)
    finally:
        os.close(handle)
    return last not in names


def to_disk(path: Path) -> None:
    """Flush a file or folder to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

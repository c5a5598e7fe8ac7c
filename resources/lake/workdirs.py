"""The working folders of writers and of large queries, and the removal of those whose processes died.

A folder's name holds its process's machine and number. So a folder whose process has ended is recognised and
removed at once; a folder of another machine is removed when it is a day old.
"""

import contextlib
import os
import shutil
import socket
import stat
import tempfile
import time
import uuid
from pathlib import Path

from guyot.errors import SettingError
from resources.storage.files import Files

WRITING = ".writing"
_FOREIGN_SECONDS = 86_400


def new_folder(files: Files) -> Path:
    """Make a folder for one writer: inside a local lake, so that renames are atomic, else in the
    temporary directory of this machine.
    """
    folder = (_on_this_machine() if files.remote else Path(files.root) / WRITING) / _name()
    folder.mkdir(parents=True)
    return folder


def spill_folder() -> Path:
    """Name a temporary folder on this machine; a query makes it where it needs it."""
    return _on_this_machine() / _name()


def sweep(files: Files) -> int:
    """Remove the folders of writers of a lake, and of queries on this machine, that are dead.

    Returns
    -------
    The number of folders removed.
    """
    swept = 0
    places = [place for place in (_temporary(),) if _is_own(place)]
    if not files.remote:
        places.append(Path(files.root) / WRITING)
    for place in places:
        for folder in sorted(place.iterdir()) if place.is_dir() else ():
            if not _is_alive(folder):
                shutil.rmtree(folder, ignore_errors=True)  # another sweep may be removing it
                swept += 1
    return swept


def _name() -> str:
    """Name a folder of this process."""
    return f"{socket.gethostname()}_{os.getpid()}_{uuid.uuid4().hex}"


def _temporary() -> Path:
    """Return where this user's folder in the temporary directory is, or will be."""
    return Path(tempfile.gettempdir()) / f"guyot-{os.getuid()}"


def _on_this_machine() -> Path:
    """Return this user's folder in the temporary directory, which is made where there is none.

    Raises
    ------
    SettingError : somebody else has made it, and could read or change what is written there.
    """
    place = _temporary()
    with contextlib.suppress(FileExistsError):
        place.mkdir(mode=0o700)
    if not _is_own(place):
        raise SettingError(
            f"{place} is to hold this user's temporary files, and somebody else has made it, others may "
            "write there, or it is a link; remove it, or set TMPDIR to another directory"
        )
    return place


def _is_own(place: Path) -> bool:
    """Return whether a folder is there that is this user's alone; what a link leads to may be anything."""
    try:
        found = place.lstat()
    except FileNotFoundError:
        return False
    writable = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return found.st_uid == os.getuid() and stat.S_ISDIR(found.st_mode) and not writable


def _is_alive(folder: Path) -> bool:
    """Return whether a folder's writer may still be at work."""
    host, _, rest = folder.name.rpartition("_")[0].rpartition("_")
    if host == socket.gethostname() and rest.isdigit():
        return _answers(int(rest))
    return time.time() - folder.stat().st_mtime < _FOREIGN_SECONDS


def _answers(pid: int) -> bool:
    """Return whether a process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

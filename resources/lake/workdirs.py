"""The working folders of writers, and the removal of those whose writers died.

A folder's name holds its writer's machine and process number. So a folder whose process has ended is
recognised and removed at once; a folder of another machine is removed when it is a day old.
"""

import os
import shutil
import socket
import tempfile
import time
import uuid
from pathlib import Path

from resources.storage.files import Files

WRITING = ".writing"
_FOREIGN_SECONDS = 86_400


def new_folder(files: Files) -> Path:
    """Make a folder for one writer: inside a local lake, so that renames are atomic, else in the
    temporary directory of this machine.
    """
    folder = _place(files) / f"{socket.gethostname()}_{os.getpid()}_{uuid.uuid4().hex}"
    folder.mkdir(parents=True)
    return folder


def sweep(files: Files) -> int:
    """Remove the folders of writers that are dead.

    Returns
    -------
    The number of folders removed.
    """
    place, swept = _place(files), 0
    for folder in sorted(place.iterdir()) if place.is_dir() else ():
        if not _is_alive(folder):
            shutil.rmtree(folder, ignore_errors=True)  # another sweep may be removing it
            swept += 1
    return swept


def _place(files: Files) -> Path:
    """Return the parent of the working folders of a lake."""
    if files.remote:
        return Path(tempfile.gettempdir()) / f"guyot-{os.getuid()}"
    return Path(files.root) / WRITING


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

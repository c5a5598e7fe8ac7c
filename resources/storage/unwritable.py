"""Says in one sentence that a place takes no files: it is full, read-only, or closed to this user."""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from guyot.errors import GuyotError, UnwritableError

_NO_ROOM = os.strerror(errno.ENOSPC)
_FULL = (errno.ENOSPC, errno.EDQUOT)
_CLOSED = (errno.EACCES, errno.EPERM)


@contextlib.contextmanager
def explained(place: str) -> Iterator[None]:
    """Raise UnwritableError where the block cannot write, and leave other errors as they are.

    Parameters
    ----------
    place : what is being written: a lake, on disk or on S3, or the folder of an event log

    Raises
    ------
    UnwritableError : it, or the temporary directory, is full, read-only, or closed to this user.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise full(place, error.strerror or str(error)) from error
        if error.errno == errno.EROFS or (error.errno in _CLOSED and _is_closed(place, error.filename)):
            at = f": {error.filename}" if error.filename else ""
            raise UnwritableError(
                f"{place} was to be written, and {error.strerror}{at}; give this user the right to write "
                "there, or name another place"
            ) from error
        raise
    except GuyotError:  # it is said already, of whatever place that was
        raise
    except Exception as error:
        if _NO_ROOM in str(error):  # as DuckDB says it
            raise full(place, str(error).splitlines()[0]) from error
        raise


def full(place: str, why: str) -> UnwritableError:
    """Return the error of a place without room: what is free there, and what to do."""
    temporary = tempfile.gettempdir()
    places = dict.fromkeys((temporary,) if "://" in place else (place, temporary))
    room = " and ".join(f"{_free(one):,} bytes are free in {one}" for one in places)
    return UnwritableError(
        f"{place} was to be written, and {why}: {room}; make room (`guyot gc --dry-run` lists what nothing "
        "needs) and run again: what was finished stays"
    )


def _is_closed(place: str, name: object) -> bool:
    """Return whether a file that was refused is in a place, and nothing can be written beside it."""
    path = Path(str(name or ""))
    if not path.is_relative_to(place):
        return False
    while not os.path.isdir(path):
        path = path.parent
    return not os.access(path, os.W_OK)


def _free(place: str) -> int:
    """Return the free bytes of the disk on which a place is, or will be."""
    path = Path(place)
    while not os.path.isdir(path):
        path = path.parent
    return shutil.disk_usage(path).free

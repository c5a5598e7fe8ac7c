"""Walks a source directory: every file under it, links followed, and what is wrong with some.

Nothing is opened here but directories: a FIFO would hang, a device would never end. Hidden files
and directories and __pycache__ are passed over.
"""

import errno
import hashlib
import os
import stat
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

from resources.storage.files import is_remote

SKIPPED = "__pycache__"


@dataclass(frozen=True)
class ListedFile:
    r"""One file, or one thing that should have been one.

    path : relative to the root; bytes of a name that are not UTF-8 are written as \xNN
    location : absolute path, or URI on S3, to open it by
    bytes : -1 where it could not be asked
    etag : names the state of the file, without reading it; "" where it could not be asked
    digest : names its bytes, where the listing says so, as that of S3 does; else ""
    problem, detail : a reason of `resources.sources.records`, or ""
    """

    path: str
    location: str
    bytes: int = -1
    etag: str = ""
    digest: str = ""
    problem: str = ""
    detail: str = ""


@dataclass(frozen=True)
class _Folder:
    """A directory on the way; real is its real path, above the real paths of those around it."""

    path: str
    location: str
    real: str
    above: frozenset[str]


def walk(root: str, *, leave_out: str = "") -> Iterator[ListedFile]:
    """Yield what lies under a directory, in no order that means anything.

    Symbolic links are followed, to directories too; one that leads back to a directory it lies in
    is a `symlink_loop`.

    Parameters
    ----------
    root : an existing directory
    leave_out : a directory that is passed over, such as the lake

    Raises
    ------
    OSError : the root itself cannot be listed.
    """
    left_out = os.path.realpath(leave_out) if leave_out else ""
    os.scandir(root).close()
    todo = [_Folder("", root, os.path.realpath(root), frozenset())]
    while todo:
        folder = todo.pop()
        try:
            with os.scandir(folder.location) as listed:
                children = list(listed)
        except OSError as error:
            yield _problem(folder.path, folder.location, "unreadable", message(error))
            continue
        for child in children:
            if child.name.startswith(".") or child.name == SKIPPED:
                continue
            seen = _look(child, folder)
            if isinstance(seen, ListedFile):
                yield seen
            elif not (left_out and f"{seen.real}/".startswith(f"{left_out}/")):  # links may lead into it
                todo.append(seen)


def etag_of(location: str) -> str:
    """Name the state of a file on disk now, as `ListedFile.etag` did."""
    return _etag(os.stat(location))


def digest_of(location: str) -> str:
    """Hash a file's bytes, streamed, to 32 hex digits.

    Raises
    ------
    OSError : it cannot be opened or read.
    """
    with open(location, "rb") as source:
        return hashlib.file_digest(source, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def uri_of(location: str) -> str:
    """Write an absolute path as a file URI; bytes that are not ASCII are escaped. One on S3 is a URI.

    Examples
    --------
    >>> uri_of("/data/a b.py")
    'file:///data/a%20b.py'
    """
    return location if is_remote(location) else "file://" + urllib.parse.quote(os.fsencode(location))


def location_of(uri: str) -> str:
    """Return the path that a file URI stands for; a URI on S3 stands for itself.

    Examples
    --------
    >>> location_of("file:///data/a%20b.py")
    '/data/a b.py'
    """
    if is_remote(uri):
        return uri
    return os.fsdecode(urllib.parse.unquote_to_bytes(uri.removeprefix("file://")))


def message(error: OSError) -> str:
    """Return what the system said, without the path."""
    return error.strerror or str(error)


def _look(child: os.DirEntry[str], folder: _Folder) -> "ListedFile | _Folder":
    """Say what one name in a directory is."""
    path = f"{folder.path}/{child.name}" if folder.path else child.name
    try:
        found = child.stat()
    except OSError as error:
        return _problem(path, child.path, _why_not_found(error), message(error))
    if stat.S_ISDIR(found.st_mode):
        return _enter(child, path, folder)
    if not _is_utf8(path):
        return _problem(path, child.path, "name_not_utf8", "rename the file")
    if not stat.S_ISREG(found.st_mode):
        return _problem(path, child.path, "not_a_regular_file", _type(found.st_mode))
    return ListedFile(path, child.path, found.st_size, _etag(found))


def _etag(found: os.stat_result) -> str:
    """Name the state of a file by its size and time of change."""
    return f"{found.st_size}-{found.st_mtime_ns}"


def _enter(child: os.DirEntry[str], path: str, folder: _Folder) -> "ListedFile | _Folder":
    """Go into a directory, unless that leads back to where we are."""
    linked = child.is_symlink()
    real = os.path.realpath(child.path) if linked else os.path.join(folder.real, child.name)
    around = folder.above | {folder.real}
    if real in around:
        return _problem(path, child.path, "symlink_loop", "leads back to a directory it lies in")
    return _Folder(path, child.path, real, around)


def _why_not_found(error: OSError) -> str:
    """Tell a link to itself, a link to nothing and a refusal apart."""
    reasons = {errno.ELOOP: "symlink_loop", errno.ENOENT: "dangling_link"}
    return reasons.get(error.errno or 0, "unreadable")


def _problem(path: str, location: str, problem: str, detail: str) -> ListedFile:
    """Note what cannot be read; its name is made printable."""
    return ListedFile(printable(path), location, problem=problem, detail=printable(detail))


def printable(text: str) -> str:
    r"""Write the bytes of a file name that are not UTF-8 as \xNN."""
    return os.fsencode(text).decode("utf-8", "backslashreplace")


def _is_utf8(path: str) -> bool:
    """Return whether every byte of a name is text."""
    return printable(path) == path


def _type(mode: int) -> str:
    """Name a special file."""
    tests = {
        "FIFO": stat.S_ISFIFO,
        "socket": stat.S_ISSOCK,
        "character device": stat.S_ISCHR,
        "block device": stat.S_ISBLK,
    }
    return next((name for name, test in tests.items() if test(mode)), "special file")

"""Walks a source directory: every file under it, with links followed, and the problems found.

Only directories are opened: opening a FIFO would block, and a device would never end, nor would some of
the files under /proc. Hidden files and directories and __pycache__ are skipped.
"""

import collections
import errno
import hashlib
import os
import stat
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

from resources.places import is_remote
from resources.sources.kernel_files import kernel_devices

SKIPPED = "__pycache__"
# a directory of two links to another, and so on, has twice as many names at each step
_MAX_NAMES = 64


@dataclass(frozen=True)
class ListedFile:
    r"""One file, or an entry that cannot be read as one.

    path : relative to the root; bytes of a name that are not UTF-8 are written as \xNN
    location : absolute path, or URI on S3, to open it by
    bytes : -1 where the size is unknown
    etag : names the state of the file, without reading it; "" where it is unknown
    digest : identifies its bytes where the listing has a digest, as on S3; else ""
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
    """A directory to list; real is its real path, above the real paths of its parents."""

    path: str
    location: str
    real: str
    above: frozenset[str]


def walk(root: str, *, leave_out: str = "") -> Iterator[ListedFile]:
    """Yield the files under a directory, in an order that depends on their names alone.

    Symbolic links are followed, to directories too; one that leads back to a directory it lies in
    is a `symlink_loop`, one to a directory that was listed under 64 names is of `too_many_names`, and
    what lies in a file system of the kernel's own is `not_a_regular_file`.

    Parameters
    ----------
    root : an existing directory
    leave_out : a directory that is skipped, such as the lake

    Raises
    ------
    OSError : the root itself cannot be listed.
    """
    left_out = os.path.realpath(leave_out) if leave_out else ""
    os.scandir(root).close()
    devices, n_names = kernel_devices(), collections.Counter[str]()
    todo = [_Folder("", root, os.path.realpath(root), frozenset())]
    while todo:
        folder = todo.pop()
        n_names[folder.real] += 1
        if n_names[folder.real] > _MAX_NAMES:
            detail = f"{folder.real} was listed under {_MAX_NAMES} other names"
            yield _problem(folder.path, folder.location, "too_many_names", detail)
            continue
        try:
            with os.scandir(folder.location) as listed:
                children = sorted(listed, key=lambda child: os.fsencode(child.name), reverse=True)
        except OSError as error:
            yield _problem(folder.path, folder.location, "unreadable", message(error))
            continue
        for child in children:
            if child.name.startswith(".") or child.name == SKIPPED:
                continue
            seen = _look(child, folder, devices)
            if isinstance(seen, ListedFile):
                yield seen
            elif not (left_out and f"{seen.real}/".startswith(f"{left_out}/")):  # links may lead into it
                todo.append(seen)


def etag_of(location: str) -> str:
    """Return the etag of a file on disk now, in the form of `ListedFile.etag`."""
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
    """Return an absolute path as a file URI, with non-ASCII bytes escaped; an S3 URI is returned as it is.

    Examples
    --------
    >>> uri_of("/data/a b.py")
    'file:///data/a%20b.py'
    """
    return location if is_remote(location) else "file://" + urllib.parse.quote(os.fsencode(location))


def location_of(uri: str) -> str:
    """Return the path of a file URI; an S3 URI is returned as it is.

    Examples
    --------
    >>> location_of("file:///data/a%20b.py")
    '/data/a b.py'
    """
    if is_remote(uri):
        return uri
    return os.fsdecode(urllib.parse.unquote_to_bytes(uri.removeprefix("file://")))


def message(error: OSError) -> str:
    """Return the system's error message, without the path."""
    return error.strerror or str(error)


def _look(child: os.DirEntry[str], folder: _Folder, devices: dict[int, str]) -> "ListedFile | _Folder":
    """Describe one entry of a directory; `devices` are the kernel's own file systems."""
    path = f"{folder.path}/{child.name}" if folder.path else child.name
    try:
        found = child.stat()
    except OSError as error:
        return _problem(path, child.path, _why_not_found(error), message(error))
    if found.st_dev in devices and (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
        detail = f"in the file system {devices[found.st_dev]} of the kernel's own, where nothing is stored"
        return _problem(path, child.path, "not_a_regular_file", detail)
    if stat.S_ISDIR(found.st_mode):
        return _enter(child, path, folder)
    if not _is_utf8(path):
        return _problem(path, child.path, "name_not_utf8", "rename the file")
    if not stat.S_ISREG(found.st_mode):
        return _problem(path, child.path, "not_a_regular_file", _type(found.st_mode))
    return ListedFile(path, child.path, found.st_size, _etag(found))


def _etag(found: os.stat_result) -> str:
    """Return the etag of a file: its size, and when its bytes and when its entry were last changed.

    A program can set the first time to what it was, and not the second.
    """
    return f"{found.st_size}-{found.st_mtime_ns}-{found.st_ctime_ns}"


def _enter(child: os.DirEntry[str], path: str, folder: _Folder) -> "ListedFile | _Folder":
    """Return a directory to list, or a problem if it is one of its own parents."""
    linked = child.is_symlink()
    real = os.path.realpath(child.path) if linked else os.path.join(folder.real, child.name)
    around = folder.above | {folder.real}
    if real in around:
        return _problem(path, child.path, "symlink_loop", "leads back to a directory it lies in")
    return _Folder(path, child.path, real, around)


def _why_not_found(error: OSError) -> str:
    """Return the reason of a failed lookup: a symlink loop, a dangling link, or no access."""
    reasons = {errno.ELOOP: "symlink_loop", errno.ENOENT: "dangling_link"}
    return reasons.get(error.errno or 0, "unreadable")


def _problem(path: str, location: str, problem: str, detail: str) -> ListedFile:
    """Describe an entry that cannot be read, with a printable name."""
    return ListedFile(printable(path), location, problem=problem, detail=printable(detail))


def printable(text: str) -> str:
    r"""Write the bytes of a file name that are not UTF-8 as \xNN."""
    return os.fsencode(text).decode("utf-8", "backslashreplace")


def _is_utf8(path: str) -> bool:
    """Return whether a name is valid UTF-8."""
    return printable(path) == path


def _type(mode: int) -> str:
    """Return the name of a special file's type."""
    tests = {
        "FIFO": stat.S_ISFIFO,
        "socket": stat.S_ISSOCK,
        "character device": stat.S_ISCHR,
        "block device": stat.S_ISBLK,
    }
    return next((name for name, test in tests.items() if test(mode)), "special file")

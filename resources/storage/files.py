"""Where files lie: a folder of this machine, or s3://bucket/prefix, behind one way to read and put them."""

import contextlib
import dataclasses
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.fs as pf

from guyot.errors import SettingError, UnreachableError
from resources.storage import s3
from resources.storage.s3_reader import ObjectReader, read_object

S3 = "s3://"


def is_remote(uri: str) -> bool:
    """Return whether a place is on S3.

    Examples
    --------
    >>> is_remote("s3://bucket/lake"), is_remote("/data/lake")
    (True, False)
    """
    return uri.startswith(S3)


def absolute(uri: str) -> str:
    """Write a place in full: an absolute path with its links resolved, or s3://bucket/prefix.

    Raises
    ------
    SettingError : an S3 place without a bucket, or with empty, `.` or `..` parts in its prefix.

    Examples
    --------
    >>> absolute("s3://bucket/lake/")
    's3://bucket/lake'
    """
    if not is_remote(uri):
        return str(Path(uri).expanduser().resolve())
    inner = uri.removeprefix(S3).rstrip("/")
    if not inner or any(part in ("", ".", "..") for part in inner.split("/")):
        raise SettingError(f"{uri!r} was asked for; write a place on S3 as s3://bucket/prefix")
    return S3 + inner


def filesystem_of(uri: str) -> pf.FileSystem:
    """Return the file system that a place lies in."""
    return s3.filesystem() if is_remote(uri) else pf.LocalFileSystem()


def inner_path(uri: str) -> str:
    """Return a place's path inside its file system."""
    return uri.removeprefix(S3)


@contextlib.contextmanager
def translate_s3_errors(uri: str, what: str) -> Iterator[None]:
    """Say which place on S3 did not answer; an absent file, or a failing disk, stays what it is.

    Raises
    ------
    UnreachableError : the place failed, after all retries.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if not is_remote(uri):
            raise
        raise UnreachableError(f"{uri} could not be {what}: {error}; try again when it answers") from error


@dataclasses.dataclass(frozen=True)
class FileInfo:
    """One file under a place: its full path or URI, size, and time of change in seconds."""

    uri: str
    bytes: int
    mtime: float


@dataclasses.dataclass(frozen=True)
class Files:
    """The files under one root; every `uri` is a full path under it, or s3://..."""

    root: str

    @property
    def remote(self) -> bool:
        """Return whether they lie on S3."""
        return is_remote(self.root)

    @property
    def filesystem(self) -> pf.FileSystem:
        """The file system, for what reads by itself."""
        return filesystem_of(self.root)

    def open(self, uri: str) -> pa.NativeFile | ObjectReader:
        """Open a file for reading anywhere in it.

        Raises
        ------
        FileNotFoundError : it is not there.
        UnreachableError : S3 does not answer, now or when it is read.
        """
        return ObjectReader(uri) if self.remote else self.filesystem.open_input_file(uri)

    def read(self, uri: str) -> bytes:
        """Read a file whole.

        Raises
        ------
        FileNotFoundError : it is not there.
        """
        if not self.remote:
            return Path(uri).read_bytes()
        return read_object(uri)

    def read_range(self, uri: str, begin: int, n_bytes: int) -> bytes:
        """Read some bytes of a file.

        Raises
        ------
        UnreachableError : there are not as many.
        """
        with self.open(uri) as source:
            content = source.read_at(n_bytes, begin)
        if len(content) != n_bytes:
            raise UnreachableError(
                f"{uri} gave {len(content)} of {n_bytes} bytes from byte {begin} on; is it being removed?"
            )
        return content

    def exists(self, uri: str) -> bool:
        """Return whether a file is there."""
        if not self.remote:
            return Path(uri).is_file()
        with translate_s3_errors(uri, "looked up"):
            return self.filesystem.get_file_info(inner_path(uri)).type == pf.FileType.File

    def walk(self, uri: str) -> list[FileInfo]:
        """List every file under a place, sorted; none where there is no such place."""
        selector = pf.FileSelector(inner_path(uri), recursive=True, allow_not_found=True)
        with translate_s3_errors(uri, "listed"):
            infos = self.filesystem.get_file_info(selector)
        scheme = S3 if self.remote else ""
        found = (
            FileInfo(scheme + i.path, i.size, i.mtime_ns / 1e9) for i in infos if i.type == pf.FileType.File
        )
        return sorted(found, key=lambda file: file.uri)

    def replace(self, uri: str, content: bytes, beside: Path) -> None:
        """Put a small file in place whole: readers meet the old one or the new one.

        Parameters
        ----------
        beside : a folder of this writer alone, on the file system of a local root
        """
        if self.remote:
            with translate_s3_errors(uri, "written"):
                s3.put(inner_path(uri), content)
            return
        temporary, target = beside / "replaced", Path(uri)
        temporary.write_bytes(content)
        _to_disk(temporary)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(target)

    def publish_folder(self, folder: Path, uri: str, last: str) -> bool:
        """Put a finished folder of this machine in place, the file `last` at the end, so whole or absent.

        Returns
        -------
        False where another writer's files stand there whole already; then they stay as they are.
        """
        if self.exists(f"{uri}/{last}"):
            return False
        if self.remote:
            for path in sorted(folder.iterdir(), key=lambda path: (path.name == last, path.name)):
                with translate_s3_errors(f"{uri}/{path.name}", "written"), path.open("rb") as source:
                    s3.put_file(inner_path(f"{uri}/{path.name}"), source)
            return True
        for path in [*folder.iterdir(), folder]:
            _to_disk(path)
        return _move_folder(folder, Path(uri), last)

    def delete(self, uri: str) -> None:
        """Remove a file, if it is there."""
        if not self.remote:
            Path(uri).unlink(missing_ok=True)
            return
        with translate_s3_errors(uri, "removed"):
            s3.delete([inner_path(uri)])

    def delete_folder(self, uri: str) -> None:
        """Remove every file under a place."""
        if self.remote:
            with translate_s3_errors(uri, "removed"):
                s3.delete([inner_path(file.uri) for file in self.walk(uri)])
        elif os.path.isdir(uri):
            shutil.rmtree(uri)


def _move_folder(folder: Path, target: Path, last: str) -> bool:
    """Give a folder its name at once; what a dead writer left there goes first."""
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
            _to_disk(target.parent)
            return True


def _emptied(folder: Path, last: str) -> bool:
    """Empty a folder without its last file, never one that takes its name meanwhile; say if it was one."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        names = os.listdir(handle)
        for name in names if last not in names else ():
            with contextlib.suppress(FileNotFoundError):  # another writer may be at it
                os.unlink(name, dir_fd=handle)
    finally:
        os.close(handle)
    return last not in names


def _to_disk(path: Path) -> None:
    """Wait until a file or folder would survive the machine."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Files of a local folder or under s3://bucket/prefix, behind one interface for reading and writing."""

import contextlib
import dataclasses
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.fs as pf

from guyot.errors import UnreachableError
from resources.places import S3, inner_path, is_remote
from resources.storage import s3
from resources.storage.local_folders import listed, move_folder, renamed, to_disk
from resources.storage.s3_reader import ObjectReader, read_object, read_part

_SMALL_BYTES = 1 << 12


def filesystem_of(uri: str) -> pf.FileSystem:
    """Return the file system of a path or URI."""
    return s3.filesystem() if is_remote(uri) else pf.LocalFileSystem()


@contextlib.contextmanager
def translate_s3_errors(uri: str, what: str) -> Iterator[None]:
    """Raise UnreachableError for a failed S3 request; absent files and local errors pass through.

    Raises
    ------
    UnreachableError : the request failed, after all retries.
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
    """One file: its full path or URI, size in bytes, and modification time in seconds."""

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
        """Open a file for random-access reading.

        Raises
        ------
        FileNotFoundError : the file does not exist.
        UnreachableError : S3 does not answer, now or when it is read.
        """
        return ObjectReader(uri) if self.remote else self.filesystem.open_input_file(uri)

    def read(self, uri: str) -> bytes:
        """Read a whole file.

        Raises
        ------
        FileNotFoundError : the file does not exist.
        """
        if not self.remote:
            return _read_local(uri)
        return read_object(uri)

    def read_range(self, uri: str, begin: int, n_bytes: int) -> bytes:
        """Read some bytes of a file.

        Raises
        ------
        UnreachableError : the file has fewer bytes.
        """
        if self.remote:
            content = read_part(uri, begin, n_bytes)
        else:
            with self.open(uri) as source:
                content = source.read_at(n_bytes, begin)
        if len(content) != n_bytes:
            raise UnreachableError(
                f"{uri} gave {len(content)} of {n_bytes} bytes from byte {begin} on; is it being removed?"
            )
        return content

    def etags(self, uri: str, *names: str) -> dict[str, str]:
        """List the objects under a prefix on S3 that have one of some names, with their ETags.

        Raises
        ------
        UnreachableError : S3 does not answer.
        """
        with translate_s3_errors(uri, "listed"):
            suffixes = tuple(f"/{name}" for name in names)
            return {S3 + name: etag for name, etag in s3.etags(f"{inner_path(uri)}/", suffixes)}

    def exists(self, uri: str) -> bool:
        """Return whether a file exists."""
        if not self.remote:
            return Path(uri).is_file()
        with translate_s3_errors(uri, "looked up"):
            return self.filesystem.get_file_info(inner_path(uri)).type == pf.FileType.File

    def walk(self, uri: str) -> list[FileInfo]:
        """List every file under a folder or prefix, sorted by URI; empty if it does not exist."""
        selector = pf.FileSelector(inner_path(uri), recursive=True, allow_not_found=True)
        with translate_s3_errors(uri, "listed"):
            infos = listed(self.filesystem, selector)
        scheme = S3 if self.remote else ""
        found = (
            FileInfo(scheme + i.path, i.size, i.mtime_ns / 1e9) for i in infos if i.type == pf.FileType.File
        )
        return sorted(found, key=lambda file: file.uri)

    def replace(self, uri: str, content: bytes, beside: Path) -> None:
        """Replace a small file atomically: readers see the old content or the new.

        Parameters
        ----------
        beside : a folder that only this writer uses, on the file system of a local root
        """
        if self.remote:
            with translate_s3_errors(uri, "written"):
                s3.put(inner_path(uri), content)
            return
        temporary, target = beside / "replaced", Path(uri)
        temporary.write_bytes(content)
        to_disk(temporary)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(target)

    def publish_folder(self, folder: Path, uri: str, last: str) -> bool:
        """Move a finished local folder to its final location; the file `last` appears last, as a marker.

        Returns
        -------
        False if another writer has published there already; its files are kept.
        """
        if self.exists(f"{uri}/{last}"):
            return False
        if self.remote:
            for path in sorted(folder.iterdir(), key=lambda path: (path.name == last, path.name)):
                with translate_s3_errors(f"{uri}/{path.name}", "written"), path.open("rb") as source:
                    s3.put_file(inner_path(f"{uri}/{path.name}"), source)
            return True
        for path in [*folder.iterdir(), folder]:
            to_disk(path)
        return move_folder(folder, Path(uri), last)

    def move_folder(self, uri: str, target: str, first: str) -> bool:
        """Move a folder to where nothing is yet; killed on the way, every file is in one place or in both.

        Parameters
        ----------
        first : the file without which the folder counts for nothing; on S3 it goes first

        Returns
        -------
        False if there was none.
        """
        if not self.remote:
            return renamed(Path(uri), Path(target))
        names = [file.uri.removeprefix(f"{uri}/") for file in self.walk(uri)]
        with translate_s3_errors(uri, "moved"):
            for name in names:
                s3.copy(inner_path(f"{uri}/{name}"), inner_path(f"{target}/{name}"))
            for name in sorted(names, key=lambda name: name != first):
                s3.delete([inner_path(f"{uri}/{name}")])
        return bool(names)

    def delete(self, uri: str) -> None:
        """Remove a file, if it exists."""
        if not self.remote:
            Path(uri).unlink(missing_ok=True)
            return
        with translate_s3_errors(uri, "removed"):
            s3.delete([inner_path(uri)])

    def delete_folder(self, uri: str) -> None:
        """Remove every file under a folder or prefix."""
        if self.remote:
            with translate_s3_errors(uri, "removed"):
                s3.delete([inner_path(file.uri) for file in self.walk(uri)])
        elif os.path.isdir(uri):
            shutil.rmtree(uri)


def _read_local(path: str) -> bytes:
    """Read a file of this machine: of small ones there are a hundred thousand, so by few calls."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        content = os.read(descriptor, _SMALL_BYTES)
        if len(content) < _SMALL_BYTES:
            return content
        with open(descriptor, "rb", closefd=False) as file:
            return content + file.read()
    except OSError as error:  # such as of a folder
        error.filename = path
        raise
    finally:
        os.close(descriptor)

"""Opens a source file, local or on S3, for reading.

A disk failure raises OSError, and the file is quarantined. A network failure raises UnreachableError,
which no reader catches, and the step is retried.
"""

import contextlib
import io
import os
from typing import Any, BinaryIO, Protocol, cast

from guyot.errors import UnreachableError
from resources.places import is_remote
from resources.sources.local_listing import digest_of, etag_of
from resources.storage.s3_reader import ObjectReader


class SourceFile(Protocol):
    """One source file.

    piece_bytes : the recommended size of a read
    """

    piece_bytes: int

    def etag(self) -> str:
        """Return its current etag, in the registry's form; "" if it does not exist."""
        ...

    def size(self) -> int:
        """Return its current size in bytes.

        Raises
        ------
        OSError : it cannot be looked at.
        """
        ...

    def digest(self) -> str:
        """Return its current digest, in the registry's form; "" if it cannot be read."""
        ...

    def stream(self) -> BinaryIO:
        """Open it for sequential reading."""
        ...

    def open_random_access(self) -> contextlib.AbstractContextManager[Any]:
        """Return a context of what pyarrow opens for random access: a path or a file object."""
        ...


def source_file(location: str) -> SourceFile:
    """Return the file at an absolute path, or the object at s3://bucket/key."""
    return _Object(location) if is_remote(location) else _Local(location)


class _Local:
    """A local file."""

    piece_bytes = 1 << 20

    def __init__(self, location: str) -> None:
        self._location = location

    def etag(self) -> str:
        """Return its size and times of change."""
        return etag_of(self._location) if os.path.exists(self._location) else ""

    def size(self) -> int:
        """Ask the file system."""
        return os.path.getsize(self._location)

    def digest(self) -> str:
        """Hash it."""
        try:
            return digest_of(self._location)
        except OSError:
            return ""

    def stream(self) -> BinaryIO:
        """Open it without buffering, so that no data is lost when a read fails."""
        return cast(BinaryIO, open(self._location, "rb", buffering=0))

    def open_random_access(self) -> contextlib.AbstractContextManager[Any]:
        """Return its path."""
        return contextlib.nullcontext(self._location)


class _Object:
    """An object on S3."""

    piece_bytes = 8 << 20

    def __init__(self, location: str) -> None:
        self._location = location

    def etag(self) -> str:
        """Request its ETag."""
        try:
            with ObjectReader(self._location) as opened:
                return opened.etag()
        except FileNotFoundError:
            return ""

    def size(self) -> int:
        """Request its size."""
        with self._reader() as opened:
            return opened.size()

    def digest(self) -> str:
        """Return its ETag, which identifies its bytes."""
        return self.etag()

    def stream(self) -> BinaryIO:
        """Open it for reading in pieces."""
        opened = self._reader()
        return cast(BinaryIO, io.BufferedReader(opened, max(1, min(self.piece_bytes, opened.size()))))

    def open_random_access(self) -> contextlib.AbstractContextManager[Any]:
        """Open it; each read is a request."""
        return self._reader()

    def _reader(self) -> ObjectReader:
        """Open the object, which the listing contained."""
        try:
            return ObjectReader(self._location)
        except FileNotFoundError as error:
            raise UnreachableError(f"{self._location} is gone; materialize shard_registry again") from error

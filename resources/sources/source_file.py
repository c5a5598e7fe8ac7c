"""Opens a source file, of this machine or on S3, for reading.

A disk that fails costs its file: it raises OSError, and the file is quarantined. A network that fails
costs nothing: it raises UnreachableError, which no reader catches, and the step is tried again.
"""

import contextlib
import io
import os
from typing import Any, BinaryIO, Protocol, cast

from guyot.errors import UnreachableError
from resources.sources.local_listing import digest_of, etag_of
from resources.storage.files import is_remote
from resources.storage.s3_reader import ObjectReader


class SourceFile(Protocol):
    """One source file.

    piece_bytes : how much of it is best asked for at once
    """

    piece_bytes: int

    def etag(self) -> str:
        """Name its state now, as the registry does; "" if it is gone."""
        ...

    def digest(self) -> str:
        """Name its bytes now, as the registry does; "" if it is gone or cannot be read."""
        ...

    def stream(self) -> BinaryIO:
        """Open it to be read from beginning to end."""
        ...

    def open_random_access(self) -> contextlib.AbstractContextManager[Any]:
        """Give what pyarrow reads anywhere in it, and close that in the end."""
        ...


def source_file(location: str) -> SourceFile:
    """Return the file at an absolute path, or the object at s3://bucket/key."""
    return _Object(location) if is_remote(location) else _Local(location)


class _Local:
    """A file of this machine."""

    piece_bytes = 1 << 20

    def __init__(self, location: str) -> None:
        self._location = location

    def etag(self) -> str:
        """Name its size and time of change."""
        return etag_of(self._location) if os.path.exists(self._location) else ""

    def digest(self) -> str:
        """Hash it."""
        try:
            return digest_of(self._location)
        except OSError:
            return ""

    def stream(self) -> BinaryIO:
        """Open it; nothing is read ahead, so that nothing is lost of a stream that breaks off."""
        return cast(BinaryIO, open(self._location, "rb", buffering=0))

    def open_random_access(self) -> contextlib.AbstractContextManager[Any]:
        """Give its path."""
        return contextlib.nullcontext(self._location)


class _Object:
    """An object on S3."""

    piece_bytes = 8 << 20

    def __init__(self, location: str) -> None:
        self._location = location

    def etag(self) -> str:
        """Ask for its ETag."""
        try:
            with ObjectReader(self._location) as opened:
                return opened.etag()
        except FileNotFoundError:
            return ""

    def digest(self) -> str:
        """Ask for its ETag, which stands for its bytes."""
        return self.etag()

    def stream(self) -> BinaryIO:
        """Open it, to be fetched piece by piece."""
        opened = self._there()
        return cast(BinaryIO, io.BufferedReader(opened, max(1, min(self.piece_bytes, opened.size()))))

    def open_random_access(self) -> contextlib.AbstractContextManager[Any]:
        """Open it; each read is a request."""
        return self._there()

    def _there(self) -> ObjectReader:
        """Open an object that the listing had."""
        try:
            return ObjectReader(self._location)
        except FileNotFoundError as error:
            raise UnreachableError(f"{self._location} is gone; materialize shard_registry again") from error

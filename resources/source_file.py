"""Opens a source file, of this machine or on S3, for reading.

A disk that fails costs its file: it raises OSError, and the file is quarantined. A network that fails
costs nothing: it raises UnreachableError, which no reader catches, and the step is tried again.
"""

import contextlib
import io
import os
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol, TypeVar, cast

from guyot.errors import UnreachableError
from resources.files import Files, is_remote, told
from resources.listing import digest_of, etag_of

T = TypeVar("T")


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

    def anywhere(self) -> contextlib.AbstractContextManager[Any]:
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

    def anywhere(self) -> contextlib.AbstractContextManager[Any]:
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
            with told(self._location, "looked up"), Files(self._location).open(self._location) as opened:
                return dict(opened.metadata())["ETag"].decode().strip('"')
        except FileNotFoundError:
            return ""

    def digest(self) -> str:
        """Ask for its ETag, which stands for its bytes."""
        return self.etag()

    def stream(self) -> BinaryIO:
        """Open it, to be fetched piece by piece."""
        opened = _Remote(self._location)
        return cast(BinaryIO, io.BufferedReader(opened, max(1, min(self.piece_bytes, opened.size))))

    def anywhere(self) -> contextlib.AbstractContextManager[Any]:
        """Open it; each read is a request."""
        return _Remote(self._location)


class _Remote(io.RawIOBase):
    """Reads an object. Never raises OSError, and gives less than was asked for only at the end.

    size : of the object, when it was opened
    """

    def __init__(self, location: str) -> None:
        self._location = location
        self._opened = self._asked(lambda: Files(location).open(location))
        self.size = self._asked(self._opened.size)

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401
        """Fill a buffer as far as there is something."""
        wanted = max(0, min(memoryview(buffer).nbytes, self.size - self._opened.tell()))
        given = self._asked(lambda: self._opened.readinto(buffer)) if wanted else 0
        if given != wanted:
            raise UnreachableError(f"{self._location} gave {given} of {wanted} bytes; is it being removed?")
        return given

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place."""
        return self._opened.seek(offset, whence)

    def tell(self) -> int:
        """Say where it is."""
        return self._opened.tell()

    def seekable(self) -> bool:
        """Say that it is."""
        return True

    def readable(self) -> bool:
        """Say that it is."""
        return True

    def close(self) -> None:
        """Let the object go."""
        if not self.closed:
            self._opened.close()
        super().close()

    def _asked(self, ask: Callable[[], T]) -> T:
        """Ask S3 for something of an object that is there."""
        try:
            return ask()
        except OSError as error:
            raise UnreachableError(
                f"{self._location} could not be read: {error}; try again when it answers"
            ) from error

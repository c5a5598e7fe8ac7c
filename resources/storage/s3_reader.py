"""Reads any part of an object on S3, and retries when a response breaks off."""

import io
from collections.abc import Callable
from typing import Any, TypeVar

import tenacity

from guyot.errors import UnreachableError
from resources.storage import s3

T = TypeVar("T")
_SCHEME = "s3://"
# each attempt has the client's own; these are for what it does not repeat, an answer that breaks off
_AGAIN_SECONDS = 60
_LONGEST_PAUSE_SECONDS = 5


def read_object(uri: str) -> bytes:
    """Read a whole object, all of it from one version.

    Raises
    ------
    FileNotFoundError : the object does not exist.
    UnreachableError : S3 does not answer.
    """
    return _asked(uri, lambda: s3.get(uri.removeprefix(_SCHEME)))


def read_part(uri: str, begin: int, n_bytes: int) -> bytes:
    """Read some bytes of an object in one request: fewer where it ends before them.

    Raises
    ------
    FileNotFoundError, UnreachableError : as `read_object` does.
    """

    def ask() -> bytes:
        try:
            return s3.get(uri.removeprefix(_SCHEME), Range=f"bytes={begin}-{begin + n_bytes - 1}")
        except OSError as error:
            if str(error).startswith("InvalidRange"):  # it ends before the first of them
                return b""
            raise

    return _asked(uri, ask) if n_bytes else b""


class ObjectReader(io.RawIOBase):
    """One object, in the version that was opened. Once open it never raises OSError.

    Parameters
    ----------
    uri : s3://bucket/key

    Raises
    ------
    FileNotFoundError : the object does not exist when it is opened.
    UnreachableError : S3 does not answer, or the object was removed or replaced meanwhile.

    Notes
    -----
    Every read requests just those bytes. It returns fewer than asked for only at the end.
    """

    def __init__(self, uri: str) -> None:
        self._uri, self._name, self._place = uri, uri.removeprefix(_SCHEME), 0
        self._size, self._etag = _asked(uri, lambda: s3.head(self._name))

    def size(self) -> int:
        """Return its bytes."""
        return self._size

    def etag(self) -> str:
        """Return its ETag."""
        return self._etag

    def read_at(self, n_bytes: int, begin: int) -> bytes:
        """Read bytes from an offset."""
        end = min(begin + n_bytes, self._size)
        if end <= begin:
            return b""
        part = {"Range": f"bytes={begin}-{end - 1}", "IfMatch": f'"{self._etag}"'}
        try:
            return _asked(self._uri, lambda: s3.get(self._name, **part))
        except FileNotFoundError as error:
            raise UnreachableError(
                f"{self._uri} is gone, or another object is in its place, since it was opened"
            ) from error

    def readall(self) -> bytes:
        """Read the rest in one request."""
        content = self.read_at(self._size, self._place)
        self._place += len(content)
        return content

    def readinto(self, buffer: Any, /) -> int:
        """Read into a buffer, up to the end of the object."""
        content = self.read_at(memoryview(buffer).nbytes, self._place)
        memoryview(buffer).cast("B")[: len(content)] = content
        self._place += len(content)
        return len(content)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Set the position."""
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        return self._place

    def tell(self) -> int:
        """Return the position."""
        return self._place

    def seekable(self) -> bool:
        """Return True."""
        return True

    def readable(self) -> bool:
        """Return True."""
        return True


def _asked(uri: str, ask: Callable[[], T]) -> T:
    """Send a request, and retry for a minute if it fails."""
    again = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_may_pass),
        stop=tenacity.stop_after_delay(_AGAIN_SECONDS),
        wait=tenacity.wait_random_exponential(0.05, _LONGEST_PAUSE_SECONDS),
        reraise=True,
    )
    try:
        return again(ask)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreachableError(f"{uri} could not be read: {error}; try again when it answers") from error


def _may_pass(error: BaseException) -> bool:
    """Return whether another attempt may succeed."""
    return isinstance(error, OSError) and not isinstance(error, FileNotFoundError | PermissionError)

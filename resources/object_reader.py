"""Reads an object on S3, any part of it, and asks again where an answer breaks off."""

import io
from collections.abc import Callable
from typing import Any, TypeVar

import tenacity

from guyot.errors import UnreachableError
from resources import s3

T = TypeVar("T")
# each attempt has the client's own; these are for what it does not repeat: an answer that breaks off, or
# one of an error where it is longer than what was asked for
_AGAIN_SECONDS = 60
_LONGEST_PAUSE_SECONDS = 5


class ObjectReader(io.RawIOBase):
    """One object, as it was when it was opened. Once open it never raises OSError.

    Parameters
    ----------
    uri : s3://bucket/key

    Raises
    ------
    FileNotFoundError : there is none when it is opened.
    UnreachableError : S3 does not answer, or the object is gone or shorter meanwhile.

    Notes
    -----
    Every read is a request of just those bytes. Gives less than was asked for only at the end.
    """

    def __init__(self, uri: str) -> None:
        self._uri, self._place = uri, 0
        filesystem = s3.filesystem()
        name = uri.removeprefix("s3://")
        self._opened = self._asked(lambda: filesystem.open_input_file(name), opening=True)
        self._size = int(self._opened.size())

    def size(self) -> int:
        """Return its bytes."""
        return self._size

    def etag(self) -> str:
        """Name its state."""
        return dict(self._opened.metadata())["ETag"].decode().strip('"')

    def read_at(self, n_bytes: int, begin: int) -> bytes:
        """Read some bytes from a place on."""
        wanted = max(0, min(n_bytes, self._size - begin))
        given = self._asked(lambda: self._opened.read_at(wanted, begin)) if wanted else b""
        if len(given) != wanted:
            raise UnreachableError(
                f"{self._uri} gave {len(given)} of {wanted} bytes from byte {begin} on; is it being removed?"
            )
        return given

    def readall(self) -> bytes:
        """Read the rest in one request."""
        content = self.read_at(self._size, self._place)
        self._place += len(content)
        return content

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401
        """Fill a buffer as far as there is something."""
        content = self.read_at(memoryview(buffer).nbytes, self._place)
        memoryview(buffer).cast("B")[: len(content)] = content
        self._place += len(content)
        return len(content)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place."""
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        return self._place

    def tell(self) -> int:
        """Say where it is."""
        return self._place

    def seekable(self) -> bool:
        """Say that it is."""
        return True

    def readable(self) -> bool:
        """Say that it is."""
        return True

    def _asked(self, ask: Callable[[], T], *, opening: bool = False) -> T:
        """Ask S3, and again for a minute where it fails."""
        again = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_pass),
            stop=tenacity.stop_after_delay(_AGAIN_SECONDS),
            wait=tenacity.wait_random_exponential(0.05, _LONGEST_PAUSE_SECONDS),
            reraise=True,
        )
        try:
            return again(ask)
        except OSError as error:
            if opening and isinstance(error, FileNotFoundError):
                raise
            raise UnreachableError(
                f"{self._uri} could not be read: {error}; try again when it answers"
            ) from error


def _may_pass(error: BaseException) -> bool:
    """Say whether asking again may help."""
    return isinstance(error, OSError) and not isinstance(error, FileNotFoundError | PermissionError)

"""Vectors in a file: any range of rows is one memory map or one read, never the whole file."""

import dataclasses
import os
import zlib
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from guyot.errors import CorruptError
from guyot.lake.manifests import REPAIR
from resources.places import is_remote
from resources.storage.files import Files

_ITEM_BYTES = np.dtype(np.float16).itemsize


class VectorRows(Protocol):
    """float16[n, d] that is read slice by slice."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and width."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice, /) -> NDArray[np.float16]: ...

    def __array__(self, dtype: Any = ..., /, *, copy: bool | None = ...) -> NDArray[Any]: ...


@dataclasses.dataclass(frozen=True)
class VectorFile:
    """Vectors and the size of their file in bytes; None if there are no rows."""

    rows: VectorRows
    file_bytes: int | None


@dataclasses.dataclass(frozen=True)
class VectorLocation:
    """The location of vectors in a file: a plain value, with which any process can read them.

    path : of a local file, or s3://...
    shape : rows and width
    offset : bytes before the first row
    """

    path: str
    shape: tuple[int, int]
    offset: int

    def read(self, begin: int, end: int) -> NDArray[np.float16]:
        """Read a range of rows into memory of its own: float16[end - begin, d], of a mapped file no page.

        Raises
        ------
        CorruptError : the local file ends before the range does.
        """
        end = min(end, self.shape[0])
        if begin >= end:
            return np.zeros((0, self.shape[1]), np.float16)
        if is_remote(self.path):
            return _Ranged(self.path, self.shape, self.offset)[begin:end]
        found = np.empty((end - begin, self.shape[1]), np.float16)
        _read_into(found, self.path, self.offset + begin * self.shape[1] * _ITEM_BYTES)
        return found


def _read_into(found: NDArray[np.float16], path: str, offset: int) -> None:
    """Fill an array with the bytes of a file from an offset on."""
    waiting = found.data.cast("B")
    with open(path, "rb", buffering=0) as file:
        file.seek(offset)
        while waiting:
            n_read = file.readinto(waiting)  # the system may give less than was asked for
            if not n_read:
                raise CorruptError(f"{path} ends {len(waiting)} bytes before rows that were read; {REPAIR}")
            waiting = waiting[n_read:]


def crc32_of(vectors: NDArray[np.float16], before: int = 0) -> int:
    """Return the checksum of vectors that follow others, of which `before` is the checksum."""
    return zlib.crc32(np.ascontiguousarray(vectors).data, before)


def require_crc32(path: str, found: int, stated: int | None, what: str = "vectors") -> None:
    """Require that vectors that were read are those that were written, as far as their checksum tells.

    Parameters
    ----------
    stated : by the manifest; None in lakes of before, where nothing is checked

    Raises
    ------
    CorruptError : they are not.
    """
    if stated not in (None, found):
        raise CorruptError(f"{what} of {path} are not those that were written; {REPAIR}")


def mapped(path: str, shape: tuple[int, int], offset: int) -> VectorFile:
    """Map the vectors of a local file, read-only.

    Parameters
    ----------
    offset : bytes before the first row
    """
    if shape[0] == 0:
        return VectorFile(np.zeros(shape, np.float16), None)
    size = os.stat(path).st_size
    if size < offset + shape[0] * shape[1] * _ITEM_BYTES:
        return VectorFile(np.zeros((0, shape[1]), np.float16), size)
    return VectorFile(np.memmap(path, np.float16, "r", offset=offset, shape=shape), size)


def ranged(uri: str, shape: tuple[int, int], offset: int) -> VectorFile:
    """Open the vectors of a file on S3.

    Parameters
    ----------
    offset : bytes before the first row
    """
    if shape[0] == 0:
        return VectorFile(np.zeros(shape, np.float16), None)
    with Files(uri).open(uri) as source:
        return VectorFile(_Ranged(uri, shape, offset), source.size())


@dataclasses.dataclass(frozen=True)
class _Ranged:
    """Vectors on S3 whose rows are read on access."""

    uri: str
    shape: tuple[int, int]
    offset: int

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice, /) -> NDArray[np.float16]:
        """Read a range of rows in one request."""
        chosen, width = range(*rows.indices(self.shape[0])), self.shape[1]
        if not chosen:
            return np.zeros((0, width), np.float16)
        begin, end = min(chosen[0], chosen[-1]), max(chosen[0], chosen[-1]) + 1
        row_bytes = width * _ITEM_BYTES
        content = Files(self.uri).read_range(
            self.uri, self.offset + begin * row_bytes, (end - begin) * row_bytes
        )
        return np.frombuffer(content, np.float16).reshape(end - begin, width)[:: chosen.step]

    def __array__(self, dtype: Any = None, /, *, copy: bool | None = None) -> NDArray[Any]:
        """Read all rows."""
        del copy  # what is read is a copy
        return np.asarray(self[:], dtype=dtype)

# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""Opens a Parquet file of a version: what is read is what was written, or an error that names the file."""

import contextlib
import zlib
from collections.abc import Iterator
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from guyot.errors import CorruptError
from guyot.lake.manifests import REPAIR

_FOOTER_GUESS = 65_536  # bytes


class Source(Protocol):
    """A file that is read anywhere; Arrow's own, or one that Arrow can read."""

    def size(self) -> int:
        """Return its bytes."""
        ...

    def read_at(self, n_bytes: int, begin: int, /) -> bytes:
        """Read bytes from an offset."""
        ...


@contextlib.contextmanager
def opened(
    source: Source, uri: str, n_bytes: int | None = None, footer_crc32: int | None = None, *, is_remote: bool
) -> Iterator[pq.ParquetFile]:
    """Open a Parquet file whose pages are checked as they are read; read it inside the block alone.

    A file of before pages had checksums is read without.

    Parameters
    ----------
    source : closed by the caller
    uri : where it is, for the messages
    n_bytes, footer_crc32 : by its manifest, where that states them

    Raises
    ------
    CorruptError : it is of another size, or its footer or a page is not what was written.
    """
    with named_damage(uri):
        if n_bytes is not None:
            require_size(uri, source.size(), n_bytes)
        footer = footer_of(source)
        if footer_crc32 not in (None, zlib.crc32(footer)):
            raise CorruptError(f"{uri} has a footer of {len(footer)} bytes that was not written; {REPAIR}")
        metadata = pq.read_metadata(pa.BufferReader(footer))
        with pq.ParquetFile(
            source, metadata=metadata, pre_buffer=is_remote, page_checksum_verification=True
        ) as file:
            yield file


def footer_of(source: Source) -> bytes:
    """Read the footer of a Parquet file, with its length and the mark after it; small ones in one request.

    Of a file that ends in no footer what is returned is none either.
    """
    size = source.size()
    end = source.read_at(_FOOTER_GUESS, max(0, size - _FOOTER_GUESS))
    n_bytes = int.from_bytes(end[-8:-4], "little") + 8
    if len(end) < n_bytes <= size:
        end = source.read_at(n_bytes, size - n_bytes)
    return end[-n_bytes:]


@contextlib.contextmanager
def named_damage(uri: str) -> Iterator[None]:
    """Name the file that a version should have and that cannot be read.

    Raises
    ------
    CorruptError : it is gone, or cannot be read.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise CorruptError(
            f"{uri} is not there, and a manifest names it; it was removed, or its whole version; {REPAIR}"
        ) from error
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        raise CorruptError(f"{uri} cannot be read: {error}; if it is damaged, {REPAIR}") from error


def require_size(uri: str, found: int, n_bytes: int) -> None:
    """Require that a file has the size of its manifest.

    Raises
    ------
    CorruptError : it has another.
    """
    if found != n_bytes:
        raise CorruptError(f"{uri} has {found} bytes, and {n_bytes} by its manifest; {REPAIR}")

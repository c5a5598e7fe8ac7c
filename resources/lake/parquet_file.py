"""Opens a Parquet file of a version: its size is that of its manifest, each page that of its checksum."""

import contextlib
import zlib
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from guyot.errors import CorruptError
from guyot.lake.manifests import REPAIR
from resources.lake.manifest import File
from resources.storage.files import Files
from resources.storage.s3_reader import ObjectReader

_FOOTER_GUESS = 65_536  # bytes


@contextlib.contextmanager
def opened(files: Files, uri: str, stated: File) -> Iterator[pq.ParquetFile]:
    """Open a Parquet file whose pages are checked as they are read; read it inside the block alone.

    A file of before pages and footers had checksums is read without.

    Parameters
    ----------
    stated : its entry in its manifest

    Raises
    ------
    CorruptError : the file is gone or of another size, or the footer or a page is not what was written.
    """
    with named_damage(uri), files.open(uri) as source:
        require_size(uri, source.size(), stated.bytes)
        footer = footer_of(source)
        if stated.footer_crc32 not in (None, zlib.crc32(footer)):
            raise CorruptError(f"{uri} has a footer of {len(footer)} bytes that was not written; {REPAIR}")
        metadata = pq.read_metadata(pa.BufferReader(footer))
        with pq.ParquetFile(
            source, metadata=metadata, pre_buffer=files.remote, page_checksum_verification=True
        ) as file:
            yield file


def footer_of(source: pa.NativeFile | ObjectReader) -> bytes:
    """Read the footer of a Parquet file, with its length and the mark at its end, in one request if it is small.

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
    """Name the file that a version should have and that cannot be read; S3's failures pass through.

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
        raise CorruptError(f"{uri} cannot be read: {error}; {REPAIR}") from error


def require_size(uri: str, found: int, n_bytes: int) -> None:
    """Require that a file has the size of its manifest.

    Raises
    ------
    CorruptError : it has another.
    """
    if found != n_bytes:
        raise CorruptError(f"{uri} has {found} bytes, and {n_bytes} by its manifest; {REPAIR}")

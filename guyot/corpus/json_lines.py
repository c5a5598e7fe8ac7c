"""JSON lines, plain, .gz or .zst: read as records, and line by line as bytes."""

import contextlib
import gzip
import json
import sys
import zlib
from collections.abc import Generator, Iterator
from importlib import import_module
from typing import BinaryIO, Protocol, cast

from guyot.corpus.records import Records, Rejected, Row
from guyot.errors import CorruptError

SUFFIXES = (".jsonl", ".jsonl.gz", ".jsonl.zst")
_BOM = b"\xef\xbb\xbf"


def read_json_lines(path: str, text_column: str, id_column: str) -> Iterator[Row | Rejected]:
    """Read records; blank lines are skipped.

    Raises
    ------
    CorruptError : a compressed file that is damaged or ends early.
    """
    records = Records(text_column, id_column)
    for number, line in enumerate(lines_of(path)):
        content = line.removeprefix(_BOM) if number == 0 else line
        if not content.strip():
            continue
        try:
            value: object = json.loads(content)
        except UnicodeDecodeError as error:
            yield Rejected(
                number, "invalid_utf8", f"byte {content[error.start]:#04x} at {error.start}: {error.reason}"
            )
        except json.JSONDecodeError as error:
            yield Rejected(number, "invalid_json", str(error))
        except RecursionError:
            yield Rejected(number, "invalid_json", "nested too deep to read")
        else:
            yield records.read(number, value)


def lines_of(path: str) -> Iterator[bytes]:
    """Yield the lines of a file, unpacked, each with its newline, one in memory at a time.

    Raises
    ------
    CorruptError : a compressed file that is damaged or ends early.
    """
    number = 0
    damaged = (EOFError, zlib.error, gzip.BadGzipFile, *([_zstd().ZstdError] if is_zstd(path) else []))
    with opened(path, "rb") as source:
        try:
            for line in source:
                yield line
                number += 1
        except damaged as error:
            raise CorruptError(
                f"{path} was to be unpacked; after {number:,} lines it is damaged or ends early: {error}; "
                "get the file again, or cut it there"
            ) from error


@contextlib.contextmanager
def opened(path: str, mode: str) -> Generator[BinaryIO]:
    """Open a file for reading or writing bytes, "rb" or "wb", packed as its name says."""
    with contextlib.ExitStack() as stack:
        raw = cast(BinaryIO, stack.enter_context(open(path, mode)))
        if path.lower().endswith(".gz"):
            packed = gzip.GzipFile("", mode, 6, raw, mtime=0)  # without a name and a time: equal bytes
            yield cast(BinaryIO, stack.enter_context(packed))
        elif is_zstd(path):
            yield stack.enter_context(_zstd().open(raw, mode))
        else:
            yield raw


def is_json_lines(path: str) -> bool:
    """Return whether a file's name is that of a JSON lines file."""
    return path.lower().endswith(SUFFIXES)


def is_zstd(path: str) -> bool:
    """Return whether a file's name is that of a Zstandard stream."""
    return path.lower().endswith(".zst")


class _Zstd(Protocol):
    """The module of Python 3.14, or its backport."""

    ZstdError: type[Exception]

    def open(self, file: BinaryIO, mode: str) -> BinaryIO:
        """Open a packed file."""
        ...


def _zstd() -> _Zstd:
    """Load the module."""
    name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    return cast(_Zstd, import_module(name))

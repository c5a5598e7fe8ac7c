"""Reads the headers of a Parquet column's pages: what each unpacks to, before anything is unpacked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from resources.sources.thrift_compact import I32, STRUCT, CompactReader, Field, Wanted

_HEADER_BYTES, _MAX_HEADER_BYTES = 1 << 10, 1 << 24
_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3  # page types
_DELTA_BYTE_ARRAY = 7  # an encoding in which each value repeats the beginning of the one before
_DETAILS = {_DATA: (5, 2), _DICTIONARY: (7, 2), _DATA_V2: (8, 4)}  # fields of the details and their encoding
# of a header its type, sizes and details, and of these the number of values and the encoding
_WANTED: Wanted = {number: Field(I32) for number in (1, 2, 3)} | {
    number: Field(STRUCT, {1: Field(I32), encoding: Field(I32)}) for number, encoding in _DETAILS.values()
}


@dataclass(frozen=True)
class Page:
    """A page, as its header describes it.

    packed_bytes, unpacked_bytes : its size in the file and in memory
    n_values : 0 of a page without values
    is_dictionary : whether its values are repeated by number in the pages after it
    repeats : whether its values repeat parts of each other, so that they may be longer than it together
    """

    packed_bytes: int
    unpacked_bytes: int
    n_values: int
    is_dictionary: bool
    repeats: bool


def pages(source: BinaryIO, begin: int, end: int) -> Iterator[Page]:
    """Yield the pages of a column chunk.

    Parameters
    ----------
    source : the file, which is read at the headers alone
    begin, end : the chunk's byte range

    Raises
    ------
    ValueError : bytes that are no header of a page, or a page that does not fit in the chunk.
    """
    at = begin
    while at < end:
        header, n_bytes = _header(source, at, end)
        page = _page(header, at)
        at += n_bytes + page.packed_bytes
        if at > end:
            raise ValueError(f"a page ends at byte {at}, its column at {end}")
        yield page


def _header(source: BinaryIO, at: int, end: int) -> tuple[dict[int, Any], int]:
    """Read the header at a byte; a long one is read again, whole."""
    size = _HEADER_BYTES
    while True:
        content = _read(source, at, min(size, end - at))
        try:
            reader = CompactReader(content)
            return reader.struct(_WANTED), reader.at
        except IndexError as error:
            if size >= min(_MAX_HEADER_BYTES, end - at) or len(content) < min(size, end - at):
                raise ValueError(f"the header of the page at byte {at} does not end") from error
            size *= 8


def _read(source: BinaryIO, at: int, n_bytes: int) -> bytes:
    """Read bytes from an offset; fewer at the end of the file alone."""
    source.seek(at)
    pieces: list[bytes] = []
    while n_bytes > 0 and (piece := source.read(n_bytes)):
        pieces.append(piece)
        n_bytes -= len(piece)
    return b"".join(pieces)


def _page(header: dict[int, Any], at: int) -> Page:
    """Describe a page by its header's fields."""
    kind, unpacked, packed = (header.get(field) for field in (1, 2, 3))
    field, encoding = _DETAILS.get(kind if isinstance(kind, int) else -1, (0, 0))
    details = header.get(field, {})
    counted = details.get(1, 0) if isinstance(details, dict) else -1
    numbers = (kind, unpacked, packed, counted)
    if any(not isinstance(number, int) or number < 0 for number in numbers):
        raise ValueError(f"the page at byte {at} has a type, sizes and values of {numbers}")
    return Page(packed, unpacked, counted, kind == _DICTIONARY, details.get(encoding) == _DELTA_BYTE_ARRAY)  # pyright: ignore[reportArgumentType]

"""Reads the headers of a Parquet column's pages: what each unpacks to, before anything is unpacked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

_HEADER_BYTES, _MAX_HEADER_BYTES = 1 << 10, 1 << 24
_MAX_DEPTH = 16
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12
_INTEGERS = (4, 5, 6)
_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3  # page types
_DELTA_BYTE_ARRAY = 7  # an encoding in which each value repeats the beginning of the one before
_DETAILS = {_DATA: (5, 2), _DICTIONARY: (7, 2), _DATA_V2: (8, 4)}  # fields of the details and their encoding


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
            return _Compact(content).struct()
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


class _Compact:
    """Reads a struct of Thrift's compact protocol; raises IndexError where the bytes end before it does."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def struct(self, depth: int = 0) -> tuple[dict[int, Any], int]:
        """Read a struct: its fields that are numbers or structs, by number, and where it ends."""
        found: dict[int, Any] = {}
        field = 0
        while kind := (head := self._byte()) & 15:
            step = head >> 4
            field = field + step if step else self._integer()
            value = self._value(kind, depth + 1)
            if value is not None:
                found[field] = value
        return found, self._at

    def _value(self, kind: int, depth: int) -> Any:
        """Read a value of a field; None of what is of no interest."""
        if depth > _MAX_DEPTH:
            raise ValueError(f"a header of more than {_MAX_DEPTH} structs in each other")
        if kind in _INTEGERS:
            return self._integer()
        if kind == _STRUCT:
            return self.struct(depth)[0]
        if kind == _BINARY:
            self._skip(self._varint())
        elif kind in (_LIST, _SET):
            self._sequence(depth)
        elif kind in (_BYTE, _DOUBLE):
            self._skip(1 if kind == _BYTE else 8)
        elif kind not in (_TRUE, _FALSE):
            raise ValueError(f"a header with a field of type {kind}")
        return None

    def _sequence(self, depth: int) -> None:
        """Skip a list or a set."""
        head = self._byte()
        size = head >> 4 if head >> 4 < 15 else self._varint()
        for _ in range(size):
            if head & 15 in (_TRUE, _FALSE):
                self._skip(1)
            else:
                self._value(head & 15, depth + 1)

    def _skip(self, n_bytes: int) -> None:
        """Pass bytes over."""
        self._at += n_bytes
        if self._at > len(self._content):
            raise IndexError(self._at)

    def _byte(self) -> int:
        """Read a byte."""
        self._at += 1
        return self._content[self._at - 1]

    def _varint(self) -> int:
        """Read a number of as many bytes as it takes, seven bits each."""
        found = shift = 0
        while True:
            byte = self._byte()
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7
            if shift > 63:
                raise ValueError("a header with a number of more than 64 bits")

    def _integer(self) -> int:
        """Read a number that may be below zero."""
        found = self._varint()
        return (found >> 1) ^ -(found & 1)

"""Reads structs of Thrift's compact protocol, in which Parquet describes itself, without trusting a byte."""

from collections.abc import Mapping
from typing import Any, TypeAlias

_MAX_DEPTH = 16
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = (4, 5, 6)
# the fields that are kept, by number, and what is kept of those that are structs or lists of structs
Wanted: TypeAlias = Mapping[int, "Wanted"]
_NOTHING: Wanted = {}


class CompactReader:
    r"""Reads one value after the other; `at` is the next byte.

    Examples
    --------
    >>> CompactReader(b"\x15\x04\x19\x1c\x15\x06\x00\x00").struct({1: {}, 2: {1: {}}})
    {1: 2, 2: [{1: 3}]}
    """

    def __init__(self, content: bytes) -> None:
        self._content, self.at = content, 0

    def struct(self, wanted: Wanted, depth: int = 0) -> dict[int, Any]:
        """Read a struct: of the fields that are wanted the numbers, structs, and lists of these.

        Raises
        ------
        IndexError : the bytes end before it does.
        ValueError : bytes that are no struct.
        """
        found: dict[int, Any] = {}
        field = 0
        while kind := (head := self._byte()) & 15:
            step = head >> 4
            field = field + step if step else self._integer()
            value = self._value(kind, depth + 1, wanted.get(field, _NOTHING))
            if value is not None and field in wanted:
                found[field] = value
        return found

    def _value(self, kind: int, depth: int, wanted: Wanted) -> Any:
        """Read a value of a field; None of what is of no interest."""
        if depth > _MAX_DEPTH:
            raise ValueError(f"a header of more than {_MAX_DEPTH} structs in each other")
        if kind in _INTEGERS:
            return self._integer()
        if kind == _STRUCT:
            return self.struct(wanted, depth)
        if kind == _BINARY:
            self._skip(self._varint())
        elif kind in (_LIST, _SET):
            return self._sequence(depth, wanted)
        elif kind in (_BYTE, _DOUBLE):
            self._skip(1 if kind == _BYTE else 8)
        elif kind not in (_TRUE, _FALSE):
            raise ValueError(f"a header with a field of type {kind}")
        return None

    def _sequence(self, depth: int, wanted: Wanted) -> list[Any] | None:
        """Read a list or a set of structs; None of others."""
        head = self._byte()
        size = head >> 4 if head >> 4 < 15 else self._varint()
        kept: list[Any] | None = [] if wanted and head & 15 == _STRUCT else None
        for _ in range(size):
            if head & 15 in (_TRUE, _FALSE):
                self._skip(1)
                continue
            value = self._value(head & 15, depth + 1, wanted)
            if kept is not None:
                kept.append(value)
        return kept

    def _skip(self, n_bytes: int) -> None:
        """Pass bytes over."""
        self.at += n_bytes
        if self.at > len(self._content):
            raise IndexError(self.at)

    def _byte(self) -> int:
        """Read a byte."""
        self.at += 1
        return self._content[self.at - 1]

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

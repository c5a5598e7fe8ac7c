"""Reads structs of Thrift's compact protocol, in which Parquet describes itself, without trusting a byte.

A field that is wanted and not of its own type, or that comes twice, is an error: other readers pass it over,
or take the last, and what two readers read differently is what one of them does not check.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

I32, I64, LIST, STRUCT = 5, 6, 9, 12
_MAX_DEPTH = 16
_TRUE, _FALSE, _BYTE, _I16, _DOUBLE, _BINARY, _SET, _MAP, _UUID = 1, 2, 3, 4, 7, 8, 10, 11, 13
_LENGTHS = {_BYTE: 1, _DOUBLE: 8, _UUID: 16}
Wanted: TypeAlias = Mapping[int, "Field"]  # by the field's number


@dataclass(frozen=True)
class Field:
    """A field that is wanted: its type, what is wanted of structs that it has, and its elements' type."""

    kind: int
    inner: Wanted = field(default_factory=dict[int, "Field"])
    element: int = 0


class CompactReader:
    r"""Reads one value after the other; `at` is the next byte.

    Examples
    --------
    >>> structs = Field(LIST, {1: Field(I32)}, STRUCT)
    >>> CompactReader(b"\x15\x04\x19\x1c\x15\x06\x00\x00").struct({1: Field(I32), 2: structs})
    {1: 2, 2: [{1: 3}]}
    """

    def __init__(self, content: bytes) -> None:
        self._content, self.at = content, 0

    def struct(self, wanted: Wanted, depth: int = 0) -> dict[int, Any]:
        """Read a struct: of its fields those that are wanted.

        Raises
        ------
        IndexError : the bytes end before it does.
        ValueError : bytes that are no struct, or a wanted field of another type, or twice.
        """
        found: dict[int, Any] = {}
        number = 0
        while kind := (head := self._byte()) & 15:
            step = head >> 4
            number = number + step if step else self._integer()
            expected = wanted.get(number)
            if expected and (kind != expected.kind or number in found):
                raise ValueError(f"field {number} twice, or of type {kind} in place of {expected.kind}")
            value = self._value(kind, depth + 1, expected)
            if expected:
                found[number] = value
        return found

    def _value(self, kind: int, depth: int, wanted: Field | None) -> Any:
        """Read a value of a field; nothing of a type that cannot be wanted."""
        if depth > _MAX_DEPTH:
            raise ValueError(f"a header of more than {_MAX_DEPTH} structs in each other")
        if kind in (_I16, I32, I64):
            return self._integer()
        if kind == STRUCT:
            return self.struct(wanted.inner if wanted else {}, depth)
        if kind in (LIST, _SET):
            return self._sequence(depth, wanted)
        if kind == _MAP:
            self._map(depth)
        elif kind not in (_TRUE, _FALSE):  # which are their own value
            if kind not in (*_LENGTHS, _BINARY):
                raise ValueError(f"a header with a field of type {kind}")
            self._skip(self._varint() if kind == _BINARY else _LENGTHS[kind])
        return None

    def _sequence(self, depth: int, wanted: Field | None) -> list[Any]:
        """Read a list or a set; nothing of one that is not wanted."""
        head = self._byte()
        size = head >> 4 if head >> 4 < 15 else self._varint()
        if wanted and head & 15 != wanted.element and size:
            raise ValueError(f"a list of type {head & 15} in place of {wanted.element}")
        kept: list[Any] = []
        for _ in range(size):
            value = self._element(head & 15, depth, wanted)
            if wanted:
                kept.append(value)
        return kept

    def _map(self, depth: int) -> None:
        """Pass a map over."""
        size = self._varint()
        kinds = self._byte() if size else 0
        for _ in range(size):
            self._element(kinds >> 4, depth, None)
            self._element(kinds & 15, depth, None)

    def _element(self, kind: int, depth: int, wanted: Field | None) -> Any:
        """Read an element of a list, set or map, in which truths are bytes."""
        return self._skip(1) if kind in (_TRUE, _FALSE) else self._value(kind, depth + 1, wanted)

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

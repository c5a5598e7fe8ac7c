"""doc_ids as bytes, between Arrow's columns and numpy's arrays: 32 hex digits, or packed into 16 bytes.

Digits are S32[n]. Packed ids are S16[n], the 128 bits that the digits stand for: they are compared, sorted
and looked up as the digits are, in half the memory. One that is taken out of its array by itself loses the
zero bytes at its end; `unpacked` gives digits again.
"""

import dataclasses

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from guyot.errors import ArrayError

_ID = np.dtype("S32")
PACKED = np.dtype("S16")
_FEW = 16  # reading the bits of all sorted ids costs more than finding one in so many by its digits
_CHUNK_IDS = 1 << 25  # an Arrow string array holds less than 2 GiB
_IDS_AT_ONCE = 1 << 16  # of which temporary arrays are made
_PAIR_OF_DIGITS = np.array([f"{byte:02x}".encode() for byte in range(256)], "S2").view(np.uint16)


def ids_of(column: pa.ChunkedArray | pa.Array) -> NDArray[np.bytes_]:
    """Turn a column of hex ids, none of them null, into bytes, S32[n]; empty ones stay empty."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return np.concatenate([np.zeros(0, _ID), *map(_ids_of_chunk, chunks)])


def _ids_of_chunk(chunk: pa.Array) -> NDArray[np.bytes_]:
    """Read the ids where Arrow has them, side by side."""
    if not len(chunk) or chunk.type != pa.string():
        return np.asarray(chunk.to_numpy(zero_copy_only=False), _ID)
    offsets = np.frombuffer(chunk.buffers()[1], np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    sizes = np.diff(offsets)
    whole = sizes == _ID.itemsize
    if chunk.null_count or not (whole | (sizes == 0)).all():
        return np.asarray(chunk.to_numpy(zero_copy_only=False), _ID)
    ids = np.zeros(len(chunk), _ID)
    if whole.any():
        ids[whole] = np.frombuffer(chunk.buffers()[2], np.uint8)[offsets[0] : offsets[-1]].view(_ID)
    return ids


def id_column(ids: NDArray[np.bytes_], valid: NDArray[np.bool_] | None = None) -> pa.ChunkedArray:
    """Turn ids into a column of strings, null where they are not valid.

    Raises
    ------
    ArrayError : one has not 32 digits.
    """
    valid = np.ones(len(ids), np.bool_) if valid is None else valid
    short = ids[valid & (np.ascontiguousarray(ids).view(np.uint8)[_ID.itemsize - 1 :: _ID.itemsize] == 0)]
    if len(short):
        raise ArrayError(f"doc_ids have 32 digits; {len(short)} of {len(ids)} are shorter: {short[0]!r}")
    chunks: list[pa.Array] = []
    for begin in range(0, len(ids), _CHUNK_IDS):
        part, has_id = ids[begin : begin + _CHUNK_IDS], valid[begin : begin + _CHUNK_IDS]
        offsets = np.zeros(len(part) + 1, np.int32)
        np.cumsum(has_id * np.int32(_ID.itemsize), out=offsets[1:])
        bits = None if has_id.all() else pa.py_buffer(np.packbits(has_id, bitorder="little"))
        digits = pa.py_buffer(np.ascontiguousarray(part if bits is None else part[has_id]))
        chunks.append(pa.StringArray.from_buffers(len(part), pa.py_buffer(offsets), digits, bits))
    return pa.chunked_array(chunks, pa.string())


def packed(ids: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Pack ids of 32 lower-case hex digits: S16[n], in the same order.

    Raises
    ------
    ArrayError : one has other characters, or fewer.
    """
    found = np.empty(len(ids), PACKED)
    for begin in range(0, len(ids), _IDS_AT_ONCE):
        part = np.ascontiguousarray(ids[begin : begin + _IDS_AT_ONCE].astype(_ID, copy=False))
        characters = part.view(np.uint8)
        is_digit = (characters - np.uint8(ord("0")) < 10) | (characters - np.uint8(ord("a")) < 6)
        if not is_digit.all():
            wrong = part[~is_digit.reshape(-1, _ID.itemsize).all(axis=1)]
            raise ArrayError(
                f"doc_ids have 32 hex digits; {len(wrong)} of {len(part)} have not: {wrong[0]!r}"
            )
        halves = _bits_of_digits(part.view(">u8")).reshape(-1, 2, 2)
        words = halves[:, :, 0] << np.uint64(32) | halves[:, :, 1]
        found[begin : begin + len(part)] = words.astype(">u8").view(PACKED)[:, 0]
    return found


def unpacked(ids: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Return the digits of packed ids: S32[n]."""
    found = np.empty(len(ids), _ID)
    for begin in range(0, len(ids), _IDS_AT_ONCE):
        part = np.ascontiguousarray(ids[begin : begin + _IDS_AT_ONCE])
        found[begin : begin + len(part)] = _PAIR_OF_DIGITS[part.view(np.uint8)].view(_ID)
    return found


def packed_ids_of(column: pa.ChunkedArray | pa.Array) -> NDArray[np.bytes_]:
    """Turn a column of hex ids, none of them null or empty, into packed ids, S16[n]."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return np.concatenate([np.zeros(0, PACKED), *(packed(_ids_of_chunk(chunk)) for chunk in chunks)])


def sorting_order(ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Return the order that sorts ids, S32[n] of digits or packed: int64[n], equal ones in any order."""
    bits = id_bits(ids)
    order = np.argsort(bits)  # several times faster than by all bytes, of which the first are enough
    in_order = bits[order]
    return np.argsort(ids, kind="stable") if (in_order[1:] == in_order[:-1]).any() else order


def id_bits(ids: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """Read the first 64 bits of each doc_id: uint64[n], in the order of the ids.

    Parameters
    ----------
    ids : S32[n] of lower-case hex digits, or packed
    """
    if ids.dtype == PACKED:
        return np.ascontiguousarray(ids).view(">u8")[::2].astype(np.uint64)
    words = np.ascontiguousarray(ids.astype(_ID, copy=False)).view(">u8").reshape(-1, 4)
    return _bits_of_digits(words[:, 0]) << np.uint64(32) | _bits_of_digits(words[:, 1])


def _bits_of_digits(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Read eight hex digits each: a letter's low bits are 9 less than what it stands for."""
    digits = words.astype(np.uint64)
    digits = (digits & _LOW_BITS) + np.uint64(9) * (digits >> np.uint64(6) & _ONES)
    for shift, mask in _PACKING:
        digits = (digits | digits >> shift) & mask
    return digits


_ONES, _LOW_BITS = np.uint64(0x0101010101010101), np.uint64(0x0F0F0F0F0F0F0F0F)
_PACKING = tuple(
    (np.uint64(shift), np.uint64(mask))
    for shift, mask in ((4, 0x00FF00FF00FF00FF), (8, 0x0000FFFF0000FFFF), (16, 0x00000000FFFFFFFF))
)  # pairs of digits, then of bytes, then of these


@dataclasses.dataclass(frozen=True)
class SortedIds:
    """Sorted ids that others are looked up in: by their first 64 bits, and where these are equal by all.

    ids : S32[n] of digits, or packed
    bits : uint64[n]
    """

    ids: NDArray[np.bytes_]
    bits: NDArray[np.uint64]

    @classmethod
    def of(cls, ids: NDArray[np.bytes_]) -> "SortedIds":
        """Read the bits of sorted ids."""
        return cls(ids, id_bits(ids))

    def positions(self, ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
        """Find ids: int64[m], -1 where absent.

        Parameters
        ----------
        ids : as those that are held; or S32[m] of digits, where those are packed
        """
        if not len(self.ids):
            return np.full(len(ids), -1, np.int64)
        if self.ids.dtype == PACKED != ids.dtype:
            ids = packed(ids)
        bits = id_bits(ids)
        order = np.argsort(bits)  # neighbours are found in memory that is at hand
        at = np.empty(len(ids), np.int64)
        at[order] = np.searchsorted(self.bits, bits[order])
        np.minimum(at, len(self.ids) - 1, out=at)
        other = np.flatnonzero(self.ids[at] != ids)
        same_bits = other[self.bits[at[other]] == bits[other]]
        at[other] = -1
        if len(same_bits):
            at[same_bits] = _searched(self.ids, ids[same_bits])
        return at


def positions(sorted_ids: NDArray[np.bytes_], ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Find ids among sorted ones: int64[m], -1 where absent; O(m log n) where they are few beside those.

    Parameters
    ----------
    sorted_ids, ids : as of `SortedIds`
    """
    if not len(sorted_ids):
        return np.full(len(ids), -1, np.int64)
    if sorted_ids.dtype == PACKED != ids.dtype:
        ids = packed(ids)
    if len(ids) < len(sorted_ids) // _FEW:
        return _searched(sorted_ids, ids)
    return SortedIds.of(sorted_ids).positions(ids)


def _searched(sorted_ids: NDArray[np.bytes_], ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Find ids by all their digits, among one at least."""
    at = np.minimum(np.searchsorted(sorted_ids, ids), len(sorted_ids) - 1)
    return np.where(sorted_ids[at] == ids, at, -1)

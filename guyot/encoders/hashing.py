"""Encoders turn texts into unit vectors; `HashingEncoder` needs no weights.

The hashing encoder hashes a text's character n-grams into buckets with a sign, damps the counts by a
logarithm, and projects the buckets to a few dimensions with random signs. It sees spelling, not
meaning: it finds copies and near-copies, fast. Every sum is one of integers small enough to be exact
in floating point, so a row's bytes are the same in any batch, at any thread count, on any machine.
"""

import math
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.identity import fingerprint
from guyot.seeds import generator, mix

BUCKET_BITS = 18
NGRAM_CHARS = (3, 4, 5)
PROJECTION_SEED = 0
_ALGORITHM = 1  # raise it when the same text would get other bytes
_CHUNK_CHARS = 1 << 16
_SHORT_CHARS = 1 << 13
_BUCKETS = 1 << BUCKET_BITS
_CHUNK_BUCKETS = 1 << 10
_STEPS_PER_UNIT = 256.0
_NATIVE = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"


class Encoder(Protocol):
    """Turns texts into vectors. Equal `id`s mean equal vectors, up to the machine's rounding."""

    @property
    def id(self) -> str:
        """Hash all values that decide the vectors."""
        ...

    @property
    def width(self) -> int:
        """Count the dimensions of a vector."""
        ...

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Return float32[n, width], unit rows."""
        ...


@dataclass(frozen=True)
class HashingEncoder:
    """Encode texts by their character n-grams, without any weights.

    Parameters
    ----------
    width : dimensions of a vector, 8 or more

    Raises
    ------
    SettingError : width below 8.

    Notes
    -----
    O(characters + distinct n-grams x width) per text; 2^18 x width / 8 bytes of signs, held once, and
    a few MB of work memory. n-grams of 3 to 5 code points, signed hashing as Weinberger et al. 2009
    (arXiv:0902.2206), projection by random signs as Achlioptas 2003.

    Examples
    --------
    >>> rows = HashingEncoder().encode(["one small step", "one small steps", "zebra crossing"])
    >>> bool(rows[0] @ rows[1] > 0.8 > 0.4 > rows[0] @ rows[2])
    True
    """

    width: int = 256

    def __post_init__(self) -> None:
        """Refuse a width that carries nothing."""
        if self.width < 8:
            raise SettingError(f"width={self.width} of a hashing encoder; at least 8 is needed")

    @property
    def id(self) -> str:
        """Hash all values that decide the vectors."""
        values = [_ALGORITHM, self.width, BUCKET_BITS, list(NGRAM_CHARS), PROJECTION_SEED]
        return fingerprint(["hashing", *values])

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Return float32[n, width], unit rows.

        A text with no n-grams (under 3 characters) gets the first axis as its vector.
        """
        rows = np.zeros((len(texts), self.width), np.float32)
        for position, text in enumerate(texts):
            rows[position] = _unit(_project(*_bucket_counts(text), self.width))
        return rows


def _bucket_counts(text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Add up the signs of n-grams by bucket: the buckets whose sum is not 0, ascending, and the sums."""
    codes = np.frombuffer(text.encode(_NATIVE, "surrogatepass"), np.uint32)
    if len(codes) <= _SHORT_CHARS:  # the table of all buckets would take longer than the text
        signed = _signed_buckets(codes)
        buckets, inverse = np.unique(signed & (_BUCKETS - 1), return_inverse=True)
        sums = np.bincount(inverse, 1.0 - 2 * (signed >> BUCKET_BITS), len(buckets)).astype(np.int64)
        return buckets[sums != 0], sums[sums != 0]
    counts = np.zeros(2 * _BUCKETS, np.int64)
    for begin in range(0, len(codes), _CHUNK_CHARS):
        signed = _signed_buckets(codes[begin : begin + _CHUNK_CHARS + NGRAM_CHARS[-1] - 1], _CHUNK_CHARS)
        counts += np.bincount(signed, minlength=len(counts))
    sums = counts[:_BUCKETS] - counts[_BUCKETS:]
    filled = np.flatnonzero(sums)
    return filled, sums[filled]


def _signed_buckets(codes: NDArray[np.uint32], begins: int | None = None) -> NDArray[np.int64]:
    """Hash the n-grams that begin at the first code points: sign times 2^18, plus bucket."""
    windows = ((size, codes if begins is None else codes[: begins + size - 1]) for size in NGRAM_CHARS)
    hashed = np.concatenate([_hashed(window, size) for size, window in windows])
    return (hashed >> np.uint64(63 - BUCKET_BITS)).astype(np.int64)


def _hashed(codes: NDArray[np.uint32], size: int) -> NDArray[np.uint64]:
    """Hash every n-gram of code points."""
    mixed = np.full(max(0, len(codes) - size + 1), size, np.uint64)
    for offset in range(size):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + codes[offset : offset + len(mixed)]
    return mix(mixed)


def _project(filled: NDArray[np.int64], counts: NDArray[np.int64], width: int) -> NDArray[np.float64]:
    """Project damped bucket counts by random signs, float64[width], in whole steps of 1/256."""
    damped = np.log1p(np.abs(counts)) * np.sign(counts)
    steps = np.rint(damped * _STEPS_PER_UNIT).astype(np.float32)
    packed = _packed_signs(width)
    ups = np.zeros(width, np.float64)
    for begin in range(0, len(filled), _CHUNK_BUCKETS):
        chunk = slice(begin, begin + _CHUNK_BUCKETS)
        up = np.unpackbits(packed[filled[chunk]], axis=1, count=width)
        # 1,024 whole numbers below 2^13 add up to less than 2^24: exact in float32, in any order
        ups += steps[chunk] @ up.astype(np.float32)
    return 2 * ups - steps.sum(dtype=np.float64)


@lru_cache(maxsize=4)
def _packed_signs(width: int) -> NDArray[np.uint8]:
    """Draw the projection, a bit per sign: uint8[2^18, width / 8 rounded up]."""
    stream = generator(PROJECTION_SEED, "hashing-encoder", width)
    return stream.integers(0, 256, (_BUCKETS, -(-width // 8)), np.uint8)


def _unit(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale to unit length; where all cancels out, or there was nothing, take the first axis."""
    length = math.sqrt(math.fsum((sums * sums).tolist()))
    if length == 0:
        return np.eye(1, len(sums))[0]
    return sums / length

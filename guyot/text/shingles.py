"""Shingles: a document as the set of its runs of words or characters, each a 64-bit hash.

A batch of texts is hashed at once. A word's hash is a polynomial in its bytes modulo 2^64, taken as the
difference of two prefix sums; a shingle's is a polynomial in its words' hashes, well mixed. Both are the
same on any machine.
"""

from dataclasses import dataclass
from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.seeds import mix

Unit = Literal["words", "characters"]
_SPACES = np.isin(np.arange(256), np.frombuffer(b" \t\n\r\x0b\x0c", np.uint8))
_ODD = 0x9E3779B97F4A7C15  # odd, so that it can be divided by modulo 2^64
_INVERSE = pow(_ODD, -1, 1 << 64)
_WORD = np.uint64(0xD1342543DE82EF95)
_FEWER = np.uint64(0xA0761D6478BD642F)  # so that a short document is no shingle of a long one


@dataclass(frozen=True)
class Shingles:
    """The shingles of n documents, document by document.

    hashes : uint64[m]
    offsets : int64[n + 1], where each document's begin, and m
    """

    hashes: NDArray[np.uint64]
    offsets: NDArray[np.int64]

    def distinct(self) -> "Shingles":
        """Sort each document's shingles and leave each but once: what a Jaccard similarity is of."""
        document = np.repeat(np.arange(len(self.offsets) - 1, dtype=np.int32), np.diff(self.offsets))
        order = np.argsort(self.hashes)
        order = order[np.argsort(document[order], kind="stable")]
        hashes, document = self.hashes[order], document[order]
        first = np.ones(len(hashes), np.bool_)
        first[1:] = (hashes[1:] != hashes[:-1]) | (document[1:] != document[:-1])
        counts = np.bincount(document[first], minlength=len(self.offsets) - 1)
        return Shingles(hashes[first], np.append(0, np.cumsum(counts)).astype(np.int64))


def shingles(contents: list[str], unit: Unit, size: int) -> Shingles:
    """Hash documents' shingles, in the order of the text; repeated shingles are repeated.

    Parameters
    ----------
    contents : n texts
    unit : a word is a run of bytes other than space, tab, newline, carriage return, vertical tab and form
        feed; a character is a code point. Nothing else is normalised.
    size : words or characters in a shingle; a document of fewer is one shingle, of all that it has

    Raises
    ------
    SettingError : size below 1.

    Notes
    -----
    O(bytes), 40 bytes of memory per byte of text while it runs.

    Examples
    --------
    >>> found = shingles(["a b c", "b c d", "x"], "words", 2)
    >>> found.offsets.tolist(), bool(found.hashes[1] == found.hashes[2])
    ([0, 2, 4, 5], True)
    """
    if size < 1:
        raise SettingError(f"shingles of {size} {unit} were asked for; give at least 1")
    match unit:
        case "words":
            values, offsets = _words(contents)
        case "characters":
            values, offsets = _characters(contents)
        case _:
            assert_never(unit)
    return _runs(values, offsets, size)


def _words(contents: list[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash every word: (values, where each document's begin)."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in contents]
    data = np.frombuffer(b" ".join([b"", *encoded, b""]), np.uint8)
    is_space = _SPACES[data]
    begins = np.flatnonzero(is_space[:-1] & ~is_space[1:]) + 1
    ends = np.flatnonzero(~is_space[:-1] & is_space[1:]) + 1
    power, inverse = _powers(len(data))
    prefix = np.zeros(len(data) + 1, np.uint64)
    # a byte counts one more than it is, so that leading zero bytes count
    np.cumsum((data.astype(np.uint64) + np.uint64(1)) * power[: len(data)], out=prefix[1:])
    values = mix((prefix[ends] - prefix[begins]) * inverse[begins])
    lengths = np.array([len(one) + 1 for one in encoded], np.int64)
    first_byte = np.append(0, np.cumsum(lengths)) + 1
    return values, np.searchsorted(begins, first_byte)


def _characters(contents: list[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Take every code point as it is, mixed: (values, where each document's begin)."""
    encoded = [text.encode("utf-32-le", "surrogatepass") for text in contents]
    values = np.frombuffer(b"".join(encoded), "<u4").astype(np.uint64)
    return mix(values), np.append(0, np.cumsum([len(one) // 4 for one in encoded])).astype(np.int64)


_Powers = tuple[NDArray[np.uint64], NDArray[np.uint64]]
_POWERS: list[_Powers] = []  # the longest that were asked for so far


def _powers(count: int) -> _Powers:
    """Return the first powers of a number modulo 2^64, and of its inverse, or more of them."""
    if not _POWERS or len(_POWERS[-1][0]) < count:
        length = max(1 << 20, 1 << (count - 1).bit_length())
        _POWERS[:] = [(_geometric(_ODD, length), _geometric(_INVERSE, length))]
    return _POWERS[-1]


def _geometric(factor: int, length: int) -> NDArray[np.uint64]:
    """Return 1, the factor, its square and so on, modulo 2^64."""
    steps = np.full(length, factor, np.uint64)
    steps[0] = 1
    return np.cumprod(steps, dtype=np.uint64)


def _runs(values: NDArray[np.uint64], offsets: NDArray[np.int64], size: int) -> Shingles:
    """Hash every run of `size` values of one document, or all of a document that has fewer."""
    counts = np.diff(offsets)
    has = np.maximum(counts - size + 1, 1)
    begins = np.append(0, np.cumsum(has)).astype(np.int64)
    is_whole = np.repeat(counts >= size, has)
    at: NDArray[np.int64] = np.arange(int(begins[-1])) - np.repeat(begins[:-1] - offsets[:-1], has)
    found = np.zeros(len(at), np.uint64)
    whole: NDArray[np.int64] = at[is_whole]
    runs = np.zeros(len(whole), np.uint64)
    for _ in range(size):
        runs *= _WORD
        runs += values[whole]
        whole += 1
    found[is_whole] = runs
    short = np.flatnonzero(counts < size)
    rest = np.full(len(short), _FEWER)
    for place in range(size - 1):
        has_value = counts[short] > place
        rest[has_value] = rest[has_value] * _WORD + values[offsets[short[has_value]] + place]
    found[begins[short]] = rest
    return Shingles(mix(found), begins)

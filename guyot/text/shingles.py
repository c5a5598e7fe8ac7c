"""Shingles: a document as the set of its runs of words or characters, each a 64-bit hash.

A batch of texts is hashed at once. A word's hash is a polynomial in its bytes modulo 2^64, taken as the
difference of two prefix sums; a shingle's is a polynomial in its words' hashes, well mixed. Both are the
same on any machine, and however the text is cut into blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.seeds import mix

Unit = Literal["words", "characters"]
_BLOCK_BYTES = 1 << 16  # of text at a time: its arrays of 8 bytes per byte stay in the processor's cache
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
        n_documents = len(self.offsets) - 1
        # numpy sorts numbers of 16 bits by their digits, in a pass
        number = np.uint16 if n_documents <= 1 << 16 else np.int64
        document = np.repeat(np.arange(n_documents, dtype=number), np.diff(self.offsets))
        order = np.argsort(self.hashes)
        order = order[np.argsort(document[order], kind="stable")]
        hashes, document = self.hashes[order], document[order]
        first = np.ones(len(hashes), np.bool_)
        first[1:] = (hashes[1:] != hashes[:-1]) | (document[1:] != document[:-1])
        counts = np.bincount(document[first], minlength=n_documents)
        return Shingles(hashes[first], np.append(0, np.cumsum(counts)).astype(np.int64))

    def take(self, rows: NDArray[np.int64]) -> "Shingles":
        """Return the shingles of some documents, in the order of the rows.

        Parameters
        ----------
        rows : int64[r], their numbers
        """
        counts = np.diff(self.offsets)[rows]
        offsets = np.append(0, np.cumsum(counts)).astype(np.int64)
        at = np.arange(int(offsets[-1])) + np.repeat(self.offsets[rows] - offsets[:-1], counts)
        return Shingles(self.hashes[at], offsets)


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
    O(bytes); 3 bytes of memory per byte of text while it runs, and some 24 per word.

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


def concatenate(parts: Sequence[Shingles]) -> Shingles:
    """Put the shingles of several batches of documents after one another."""
    counts = [np.zeros(1, np.int64), *(np.diff(part.offsets) for part in parts)]
    hashes = [np.zeros(0, np.uint64), *(part.hashes for part in parts)]
    return Shingles(np.concatenate(hashes), np.cumsum(np.concatenate(counts)))


def _words(contents: list[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash every word: (values, where each document's begin)."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in contents]
    data = np.frombuffer(b" ".join([b"", *encoded, b""]), np.uint8)
    is_space = data - np.uint8(ord("\t")) <= ord("\r") - ord("\t")
    is_space |= data == ord(" ")
    values: list[NDArray[np.uint64]] = [np.zeros(0, np.uint64)]
    at: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    begin = 0
    while begin < len(data) - 1:  # a block is cut at a space, which ends it and begins the next
        end = min(begin + _BLOCK_BYTES, len(data) - 1)
        end += int(is_space[end:].argmax()) + 1
        found, first = _block_words(data[begin:end], is_space[begin:end])
        values.append(found)
        at.append(first + begin)
        begin = end - 1
    first_byte = np.cumsum([1, *(len(one) + 1 for one in encoded)])
    return np.concatenate(values), np.searchsorted(np.concatenate(at), first_byte)


def _block_words(
    data: NDArray[np.uint8], is_space: NDArray[np.bool_]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash the words of a text that begins and ends with a space: (values, where each begins)."""
    edges = np.flatnonzero(is_space[1:] != is_space[:-1])  # the byte before a word, and its last, in turn
    begins, lengths = edges[::2] + 1, edges[1::2] - edges[::2]
    power, inverse, sums = _powers(len(data))
    prefix = np.multiply(data, power[: len(data)], dtype=np.uint64)
    np.cumsum(prefix, out=prefix)
    at_edges = prefix[edges]
    # a byte counts one more than it is, so that leading zero bytes count
    values = (at_edges[1::2] - at_edges[::2]) * inverse[begins] + sums[lengths]
    return mix(values), begins


def _characters(contents: list[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Take every code point as it is, mixed: (values, where each document's begin)."""
    encoded = [text.encode("utf-32-le", "surrogatepass") for text in contents]
    values = np.frombuffer(b"".join(encoded), "<u4").astype(np.uint64)
    return mix(values), np.append(0, np.cumsum([len(one) // 4 for one in encoded])).astype(np.int64)


_Powers = tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64]]
_POWERS: list[_Powers] = []  # the longest that were asked for so far


def _powers(count: int) -> _Powers:
    """Return the first powers of a number modulo 2^64, of its inverse, and the sums of the first, or more."""
    if not _POWERS or len(_POWERS[-1][0]) < count:
        length = max(2 * _BLOCK_BYTES, 1 << (count - 1).bit_length())
        power = _geometric(_ODD, length)
        sums = np.cumsum(np.append(np.uint64(0), power), dtype=np.uint64)
        _POWERS[:] = [(power, _geometric(_INVERSE, length), sums)]
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
    runs = _document_runs(values, offsets, size)
    short = np.flatnonzero(counts < size)
    if not len(short):
        return Shingles(mix(runs), begins)
    found = np.empty(int(begins[-1]), np.uint64)
    found[np.repeat(counts >= size, has)] = runs
    rest = np.full(len(short), _FEWER)
    for place in range(size - 1):
        has_value = counts[short] > place
        rest[has_value] = rest[has_value] * _WORD + values[offsets[short[has_value]] + place]
    found[begins[short]] = rest
    return Shingles(mix(found), begins)


def _document_runs(values: NDArray[np.uint64], offsets: NDArray[np.int64], size: int) -> NDArray[np.uint64]:
    """Hash every run of `size` values that lies in one document."""
    n_runs = max(0, len(values) - size + 1)
    runs = np.zeros(n_runs, np.uint64)
    for place in range(size):
        runs *= _WORD
        runs += values[place : n_runs + place]
    is_whole = np.ones(len(values), np.bool_)
    counts = np.diff(offsets)
    for place in range(1, size):  # what begins at a document's last values reaches beyond it
        is_whole[offsets[1:][counts >= place] - place] = False
    return runs[is_whole[:n_runs]]

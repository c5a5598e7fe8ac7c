"""Word n-grams that documents share with evaluation records: how much of a record a document holds.

A word is a run of letters and digits, in lower case; all else separates words. An n-gram is a run of n words,
as a 64-bit hash. What a document shares with a record is counted in distinct n-grams.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.text.shingles import Shingles, shingles

NGRAM_WORDS = 13  # Brown et al. 2020, appendix C
_LOWER = bytes(ord(chr(byte).lower()) if byte < 128 and chr(byte).isalnum() else 32 for byte in range(256))
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_SLOTS = 8  # of the table that is looked at first, for each n-gram of the records
_AT_ONCE = 1 << 21  # n-grams or pairs that are held at a time
_ROUNDING = 1e-9
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def normalised(text: str) -> str:
    """Return the words of a text in lower case, with spaces between them.

    Examples
    --------
    >>> normalised("def has_Close(x):").split()
    ['def', 'has', 'close', 'x']
    """
    if text.isascii():
        return text.encode().translate(_LOWER).decode()
    return _BETWEEN_WORDS.sub(" ", text.lower())


def ngrams(texts: list[str], n_words: int = NGRAM_WORDS) -> Shingles:
    """Hash texts' word n-grams, in the order of the text; repeated ones are repeated.

    Parameters
    ----------
    texts : n texts
    n_words : words of an n-gram

    Returns
    -------
    Shingles of n texts. One of fewer words is a single n-gram of all of them, which only a text of the same
    words has; one without a word has none.

    Raises
    ------
    SettingError : n_words below 1.

    Notes
    -----
    O(bytes). Two different n-grams have the same hash with a probability of 2^-64. What is a letter follows
    Unicode as Python has it; a script without spaces between words gives few, long words. Text is not brought
    to a normal form of Unicode.

    Examples
    --------
    >>> found = ngrams(["One, two... THREE", "one two three four", "!"], 3)
    >>> found.offsets.tolist(), bool(found.hashes[0] == found.hashes[1])
    ([0, 1, 3, 3], True)
    """
    found = shingles([normalised(text) for text in texts], "words", n_words)
    has_words = found.hashes != shingles([""], "words", n_words).hashes[0]
    if has_words.all():
        return found
    before = np.append(0, np.cumsum(has_words))
    return Shingles(found.hashes[has_words], before[found.offsets])


@dataclass(frozen=True)
class Overlaps:
    """Pairs of a document and an evaluation record, in this order.

    document, record : int64[p]
    shared : int64[p], distinct n-grams that both have
    document_ngrams, record_ngrams : int64[p], those that each has
    """

    document: NDArray[np.int64]
    record: NDArray[np.int64]
    shared: NDArray[np.int64]
    document_ngrams: NDArray[np.int64]
    record_ngrams: NDArray[np.int64]

    @property
    def overlap(self) -> NDArray[np.float64]:
        """The share of the record's n-grams that the document holds (containment): float64[p]."""
        return self.shared / np.maximum(self.record_ngrams, 1)

    @property
    def jaccard(self) -> NDArray[np.float64]:
        """The Jaccard similarity of the two sets of n-grams: float64[p]; 0 where both have none."""
        return self.shared / np.maximum(self.document_ngrams + self.record_ngrams - self.shared, 1)

    def select(self, some: NDArray[np.bool_] | NDArray[np.int64]) -> "Overlaps":
        """Return some of the pairs.

        Parameters
        ----------
        some : bool[p], or int64[q], their places
        """
        return Overlaps(*(column[some] for column in vars(self).values()))


class RecordIndex:
    """Finds the documents that hold at least a share of an evaluation record's n-grams.

    Parameters
    ----------
    records : the distinct n-grams of m records, see `Shingles.distinct`
    min_overlap : pairs below this share are left out; above 0, at most 1

    Raises
    ------
    SettingError : a share out of range.

    Notes
    -----
    Some 50 bytes of memory per n-gram of the records. A document of at least a share t of the r n-grams of a
    record has one at least of any r - ceil(t r) + 1 of them (the prefix filter of Chaudhuri et al. 2006,
    10.1109/ICDE.2006.9). These are looked up, the rarest of each record, so that text which many records
    share, such as a licence, makes a pair of none of them; only pairs found so are counted.

    Examples
    --------
    >>> index = RecordIndex(ngrams(["a b c d", "x y"], 2).distinct(), 0.5)
    >>> found = index.overlaps(ngrams(["so a b c it is", "y x"], 2))
    >>> found.record.tolist(), found.shared.tolist(), found.record_ngrams.tolist()
    ([0], [2], [3])
    """

    def __init__(self, records: Shingles, min_overlap: float) -> None:
        if not 0 < min_overlap <= 1:
            raise SettingError(f"an overlap of {min_overlap} was asked for; choose above 0, at most 1")
        self._min_overlap, self._offsets = min_overlap, records.offsets
        self._sizes = np.diff(records.offsets)
        self._known, self._numbers = np.unique(records.hashes, return_inverse=True)
        self._begins, self._records = self._postings()
        slot_bits = max(10, int(_SLOTS * len(self._known)).bit_length())
        self._shift = np.uint64(64 - slot_bits)
        self._is_taken = np.zeros(1 << slot_bits, np.bool_)
        self._is_taken[self._known >> self._shift] = True

    def overlaps(self, documents: Shingles, also: Pairs | None = None) -> Overlaps:
        """Find the pairs of documents and records at or above the share.

        Parameters
        ----------
        documents : n-grams of n documents, in any order, repeated or not
        also : (documents int64[q], records int64[q]), pairs that are counted whatever they share

        Returns
        -------
        Overlaps, each pair once.

        Notes
        -----
        A look at a small table for each n-gram of a document; most documents share none and cost no more.
        """
        keys = self._held(documents)
        found = self._candidates(keys)
        wanted = np.zeros(0, np.int64) if also is None else _distinct(also[0] * len(self._sizes) + also[1])
        pairs = _distinct(np.concatenate([found, wanted]))
        document, record = np.divmod(pairs, max(1, len(self._sizes)))
        shared = self._shared(keys, document, record)
        enough = shared / np.maximum(self._sizes[record], 1) >= self._min_overlap
        stays = enough | np.isin(pairs, wanted, assume_unique=True)
        document, record, shared = document[stays], record[stays], shared[stays]
        some, place = np.unique(document, return_inverse=True)
        n_distinct = np.diff(documents.take(some).distinct().offsets)
        return Overlaps(document, record, shared, n_distinct[place], self._sizes[record])

    def _postings(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """List, for each known n-gram, the records that it is among the rarest of: (begins, records)."""
        record = np.repeat(np.arange(len(self._sizes)), self._sizes)
        frequency = np.bincount(self._numbers, minlength=len(self._known))
        order = np.lexsort((frequency[self._numbers], record))
        place = np.arange(len(order)) - np.repeat(self._offsets[:-1], self._sizes)
        needed = np.maximum(np.ceil(self._min_overlap * self._sizes - _ROUNDING).astype(np.int64), 1)
        rarest = order[place <= np.repeat(self._sizes - needed, self._sizes)]
        rarest = rarest[np.argsort(self._numbers[rarest], kind="stable")]
        counts = np.bincount(self._numbers[rarest], minlength=len(self._known))
        return np.append(0, np.cumsum(counts)), record[rarest]

    def _held(self, documents: Shingles) -> NDArray[np.int64]:
        """Return the n-grams of documents that records have, once each: document * known + number, sorted."""
        near = np.flatnonzero(self._is_taken[documents.hashes >> self._shift])
        near = near[np.argsort(documents.hashes[near])]  # neighbours are found in memory that is at hand
        hashes = documents.hashes[near]
        number = np.searchsorted(self._known, hashes)
        number[number == len(self._known)] = 0
        is_known = self._known[number] == hashes if len(self._known) else np.zeros(len(near), np.bool_)
        document = np.searchsorted(documents.offsets, near[is_known], side="right") - 1
        return _distinct(document * len(self._known) + number[is_known])

    def _candidates(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the pairs that one of the rarest n-grams finds: document * records + record."""
        document, number = np.divmod(keys, max(1, len(self._known)))
        counts = np.diff(self._begins)[number]
        found = [np.zeros(0, np.int64)]
        for some in _parts(counts):
            at = _ranges(self._begins[number[some]], counts[some])
            pairs = np.repeat(document[some], counts[some]) * len(self._sizes) + self._records[at]
            found.append(_distinct(pairs))
        return _distinct(np.concatenate(found))

    def _shared(
        self, keys: NDArray[np.int64], document: NDArray[np.int64], record: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Count the n-grams that the two of each pair share: int64[p]."""
        shared, counts = np.zeros(len(document), np.int64), self._sizes[record]
        for some in _parts(counts) if len(keys) else ():
            at = _ranges(self._offsets[record[some]], counts[some])
            wanted = np.repeat(document[some], counts[some]) * len(self._known) + self._numbers[at]
            place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            before = np.append(0, np.cumsum(keys[place] == wanted))
            ends = np.cumsum(counts[some])
            shared[some] = before[ends] - before[ends - counts[some]]
        return shared


def _parts(counts: NDArray[np.int64]) -> list[slice]:
    """Cut items into runs that together count no more than fits into memory at once, or into single ones."""
    reached = np.cumsum(counts) // _AT_ONCE
    borders = [0, *(np.flatnonzero(reached[1:] != reached[:-1]) + 1).tolist(), len(counts)]
    return [slice(begin, end) for begin, end in zip(borders, borders[1:], strict=False) if end > begin]


def _ranges(begins: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return begin, begin + 1, ... for each count, one after the other."""
    ends = np.cumsum(counts)
    return np.arange(int(counts.sum())) + np.repeat(begins - (ends - counts), counts)


def _distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sort numbers and leave each but once."""
    ranked = np.sort(values)
    return ranked[np.append(True, ranked[1:] != ranked[:-1])[: len(ranked)]]

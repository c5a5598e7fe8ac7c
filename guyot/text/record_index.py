"""Finds the documents that hold at least a share of an evaluation record's word n-grams."""

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.strongest import StrongestRecords
from guyot.text.ngram_overlap import Overlaps
from guyot.text.shared_ngrams import Ngrams, distinct, parts, ranges, shared_ngrams
from guyot.text.shingles import Shingles

_SLOTS = 8  # of the table that is looked at first, for each n-gram of the records
_ROUNDING = 1e-9
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


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
    >>> from guyot.text.ngram_overlap import ngrams
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

    def overlaps(
        self, documents: Shingles, also: Pairs | None = None, strongest: StrongestRecords | None = None
    ) -> Overlaps:
        """Find the pairs of documents and records at or above the share.

        Parameters
        ----------
        documents : n-grams of n documents, in any order, repeated or not
        also : (documents int64[q], records int64[q]), pairs that are counted whatever they share
        strongest : of each document and set the pairs of the largest overlap are enough, then Jaccard
            similarity, then lowest record; None: all pairs are wanted

        Returns
        -------
        Overlaps, each pair once.

        Notes
        -----
        A look at a small table for each n-gram of a document; most documents share none and cost no more.
        Copies of copies make pairs as the square of their number: some 0.4 microseconds each. With
        `strongest` they are not held, but for a few million at a time.
        """
        keys = self._held(documents)
        asked = np.zeros(0, np.int64) if also is None else distinct(also[0] * len(self._sizes) + also[1])
        document = keys // max(1, len(self._known))
        n_found = np.diff(self._begins)[keys % max(1, len(self._known))]
        n_pairs = np.zeros(len(documents.offsets) - 1, np.int64)
        np.add.at(n_pairs, document, n_found)
        found: list[Overlaps] = []
        for some in parts(np.minimum(n_pairs, len(self._sizes))):
            own = keys[slice(*np.searchsorted(document, [some.start, some.stop]))]
            limits = np.array([some.start, some.stop]) * len(self._sizes)
            wanted = asked[slice(*np.searchsorted(asked, limits))]
            found.append(self._overlaps(documents, own, wanted, strongest))
        if not found:
            return Overlaps(*np.zeros((5, 0), np.int64))
        return Overlaps(*map(np.concatenate, zip(*(vars(part).values() for part in found), strict=True)))

    def _overlaps(
        self,
        documents: Shingles,
        keys: NDArray[np.int64],
        wanted: NDArray[np.int64],
        strongest: StrongestRecords | None,
    ) -> Overlaps:
        """Find the pairs of the documents that some n-grams are of, and count those that are wanted."""
        pairs = distinct(np.concatenate([self._candidates(keys), wanted]))
        document, record = np.divmod(pairs, max(1, len(self._sizes)))
        shared = shared_ngrams(Ngrams(keys, self._numbers, self._offsets, len(self._known)), document, record)
        some, place = np.unique(document, return_inverse=True)
        n_distinct = np.diff(documents.take(some).distinct().offsets)
        found = Overlaps(document, record, shared, n_distinct[place], self._sizes[record])
        stays = found.overlap >= self._min_overlap
        if strongest is not None:
            own = found.select(stays)
            stays[stays] = strongest.of(own.document, own.record, own.overlap, own.jaccard)
        stays[np.searchsorted(pairs, wanted)] = True
        return found.select(stays)

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
        return distinct(document * len(self._known) + number[is_known])

    def _candidates(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the pairs that one of the rarest n-grams finds: document * records + record."""
        document, number = np.divmod(keys, max(1, len(self._known)))
        counts = np.diff(self._begins)[number]
        found = [np.zeros(0, np.int64)]
        for some in parts(counts):
            at = ranges(self._begins[number[some]], counts[some])
            pairs = np.repeat(document[some], counts[some]) * len(self._sizes) + self._records[at]
            found.append(distinct(pairs))
        return distinct(np.concatenate(found))

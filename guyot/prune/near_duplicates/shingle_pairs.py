"""MinHash pairs of documents in memory, from their shingles."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.columns import MinHashPairs
from guyot.prune.near_duplicates.jaccards import jaccards
from guyot.text.lsh import candidates, incomplete
from guyot.text.shingles import Shingles

_BATCH_PAIRS = 4096


@dataclass(frozen=True)
class ShinglePairSearch:
    """Finds pairs among some documents of incomplete groups; see `guyot.documents.PairSearch`.

    distinct : of n documents
    signed : uint32[n, 128]
    rows : int64[m], sorted
    floor : the least similarity of a pair
    """

    distinct: Shingles
    signed: NDArray[np.uint32]
    rows: NDArray[np.int64]
    floor: float

    def among(
        self, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Compare the candidates among some documents.

        Parameters
        ----------
        rows : int64[n], the documents

        Returns
        -------
        One document of each pair int64[p], the other int64[p], and their Jaccard similarity float64[p], at or
        above the floor.
        """
        pairs = rows[candidates(self.signed[rows], self.floor)]
        found = jaccards(self.distinct, pairs[:, 0], pairs[:, 1])
        linked = found >= self.floor
        return pairs[linked, 0], pairs[linked, 1], found[linked]


def shingle_pairs(
    distinct: Shingles,
    signed: NDArray[np.uint32],
    floor: float,
    on_compared: Callable[[int, int], None] | None = None,
) -> MinHashPairs:
    """Compare the candidate pairs of documents.

    Parameters
    ----------
    distinct : of n documents, at least one shingle each; see `Shingles.distinct`
    signed : uint32[n, 128], see `signatures`
    floor : pairs below this Jaccard similarity are left out
    on_compared : called after some thousand pairs with the number of those compared, and of all candidates

    Returns
    -------
    MinHashPairs, with the search for what dropping documents may hide.

    Raises
    ------
    SettingError : a floor not above 0 and at most 1.

    Notes
    -----
    O(n log n) per band, and a comparison per candidate pair.

    Examples
    --------
    >>> from guyot.text.minhash_signatures import signatures
    >>> from guyot.text.shingles import shingles
    >>> distinct = shingles(["a b c d", "x y", "a  b c d"], "words", 2).distinct()
    >>> pairs = shingle_pairs(distinct, signatures(distinct), 0.8)
    >>> pairs.one.tolist(), pairs.other.tolist(), pairs.jaccard.tolist()
    ([0], [2], [1.0])
    """
    pairs = candidates(signed, floor)
    similarity = np.empty(len(pairs))
    for begin in range(0, len(pairs), _BATCH_PAIRS):
        some = slice(begin, begin + _BATCH_PAIRS)
        similarity[some] = jaccards(distinct, pairs[some, 0], pairs[some, 1])
        if on_compared:
            on_compared(min(some.stop, len(pairs)), len(pairs))
    rows = np.flatnonzero(incomplete(signed, pairs, similarity, floor))
    linked = similarity >= floor
    search = ShinglePairSearch(distinct, signed, rows, floor)
    return MinHashPairs(pairs[linked, 0], pairs[linked, 1], similarity[linked], floor, search)

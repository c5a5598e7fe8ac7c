"""MinHash pairs of documents in memory, from their shingles."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from guyot.columns import MinHashPairs
from guyot.prune.near_duplicates.jaccards import jaccards
from guyot.text.lsh import candidates, incomplete
from guyot.text.shingles import Shingles

_BATCH_PAIRS = 4096


class ShingleSets(Protocol):
    """The distinct shingles of texts, made at once (`Shingles.distinct`) or as they are asked for."""

    def take(self, rows: NDArray[np.int64]) -> Shingles:
        """Return the distinct shingles of some texts, ascending in each, in the order of the rows.

        Parameters
        ----------
        rows : int64[r], their numbers
        """
        ...


@dataclass(frozen=True)
class ShinglePairSearch:
    """Finds pairs among some documents of incomplete groups; see `guyot.documents.PairSearch`.

    distinct : of m texts
    text : int64[n], each document's text
    signed : uint32[n, 128]
    rows : int64[r], sorted
    floor : the least similarity of a pair
    """

    distinct: ShingleSets
    text: NDArray[np.int64]
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
        pairs = rows[candidates(self.signed[rows], self.floor).pairs]
        found = _similarities(self.distinct, self.text[pairs])
        linked = found >= self.floor
        return pairs[linked, 0], pairs[linked, 1], found[linked]


def shingle_pairs(
    distinct: ShingleSets,
    signed: NDArray[np.uint32],
    floor: float,
    on_compared: Callable[[int, int], None] | None = None,
    text: NDArray[np.int64] | None = None,
) -> MinHashPairs:
    """Compare the candidate pairs of documents.

    Parameters
    ----------
    distinct : of m texts, at least one shingle each, such as a `Shingles.distinct`
    signed : uint32[n, 128], see `signatures`
    floor : pairs below this Jaccard similarity are left out
    on_compared : called after some thousand pairs with the number of those compared, and of all to compare
    text : int64[n], each document's text, of those that `distinct` is of; None: its own. Documents of one
        text have a similarity of 1 without a look at it

    Returns
    -------
    MinHashPairs, with the search for what dropping documents may hide.

    Raises
    ------
    SettingError : a floor not above 0 and at most 1.

    Notes
    -----
    O(n) per band, and a comparison per candidate pair. Only texts of candidates are asked for.

    Examples
    --------
    >>> from guyot.text.minhash_signatures import signatures
    >>> from guyot.text.shingles import shingles
    >>> distinct = shingles(["a b c d", "x y", "a  b c d"], "words", 2).distinct()
    >>> pairs = shingle_pairs(distinct, signatures(distinct), 0.8)
    >>> pairs.one.tolist(), pairs.other.tolist(), pairs.jaccard.tolist()
    ([0], [2], [1.0])
    """
    text = np.arange(len(signed)) if text is None else text
    found = candidates(signed, floor)
    similarity = _similarities(distinct, text[found.pairs], on_compared)
    rows = np.flatnonzero(incomplete(signed, found, similarity, floor))
    one, other = found.pairs[similarity >= floor].T
    search = ShinglePairSearch(distinct, text, signed, rows, floor)
    return MinHashPairs(one, other, similarity[similarity >= floor], floor, search)


def _similarities(
    distinct: ShingleSets, pairs: NDArray[np.int64], on_compared: Callable[[int, int], None] | None = None
) -> NDArray[np.float64]:
    """Compare pairs of texts: float64[p]."""
    similarity = np.ones(len(pairs))
    differ = np.flatnonzero(pairs[:, 0] != pairs[:, 1])
    wanted, place = np.unique(pairs[differ], return_inverse=True)
    one, other = place.reshape(-1, 2).T
    sets = distinct.take(wanted)
    for begin in range(0, len(differ), _BATCH_PAIRS):
        some = slice(begin, begin + _BATCH_PAIRS)
        similarity[differ[some]] = jaccards(sets, one[some], other[some])
        if on_compared:
            on_compared(min(some.stop, len(differ)), len(differ))
    return similarity

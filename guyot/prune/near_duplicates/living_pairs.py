"""The MinHash pairs of documents that earlier steps left, so that what is gone cuts no family."""

import numpy as np
from numpy.typing import NDArray

from guyot.columns import MinHashPairs
from guyot.cut import NO_WITNESS
from guyot.prune.near_duplicates.single_linkage import single_linkage
from guyot.prune.witness import kept_witness


def living_pairs(pairs: MinHashPairs, alive: NDArray[np.bool_]) -> MinHashPairs:
    """Return pairs of living documents alone.

    Documents of one shingle set are stored as a chain, the first of which represents all of them in the
    pairs with others. So sets are joined through documents that are gone, and the lowest living document
    of a set represents it.

    Parameters
    ----------
    pairs : of n documents
    alive : bool[n]

    Returns
    -------
    MinHashPairs without a search. Two living documents of one shingle set are linked at 1; a document
    that is gone links no others.

    Notes
    -----
    O(n + p log p). If a document of `pairs.search.rows` is gone, a search among those that are left.

    Examples
    --------
    >>> chain = MinHashPairs(np.array([0, 1, 0]), np.array([1, 2, 3]), np.array([1, 1, 0.9]), 0.8)
    >>> left = living_pairs(chain, np.array([False, True, True, True]))
    >>> left.one.tolist(), left.other.tolist(), left.jaccard.tolist()
    ([1, 1], [2, 3], [1.0, 0.9])
    """
    if alive.all():
        return pairs
    one, other, jaccard = _with_found_again(pairs, alive)
    linked, number = np.unique(np.concatenate([one, other]), return_inverse=True)  # in order
    one, other = number.reshape(2, -1)
    representative = _living_keepers(one, other, jaccard, alive[linked])
    one, other = representative[one], representative[other]
    left = (one != NO_WITNESS) & (other != NO_WITNESS) & (one != other)
    members = np.flatnonzero(alive[linked] & (representative != np.arange(len(linked))))
    return MinHashPairs(
        linked[np.concatenate([representative[members], one[left]])],
        linked[np.concatenate([members, other[left]])],
        np.concatenate([np.ones(len(members)), jaccard[left]]),
        pairs.floor,
    )


def _with_found_again(
    pairs: MinHashPairs, alive: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Add the pairs found again among the living documents of incomplete groups, if one of these is gone."""
    one, other, jaccard = pairs.one, pairs.other, pairs.jaccard
    if pairs.search is None or alive[pairs.search.rows].all():
        return one, other, jaccard
    rows = pairs.search.rows
    found = pairs.search.among(rows[alive[rows]])
    return (
        np.concatenate([one, found[0]]),
        np.concatenate([other, found[1]]),
        np.concatenate([jaccard, found[2]]),
    )


def _living_keepers(
    one: NDArray[np.int64], other: NDArray[np.int64], jaccard: NDArray[np.float64], alive: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the lowest living document of each one's shingle set: int64[n], -1 where none lives.

    Documents are those of a pair, by number: no other is in a set with others.
    """
    same = jaccard == 1
    one, other = one[same], other[same]
    joined = single_linkage(len(alive), np.maximum(one, other), np.minimum(one, other), jaccard[same])
    is_first = joined.witness == NO_WITNESS
    first = np.where(is_first, np.arange(len(alive)), kept_witness(joined.witness, is_first))
    lowest = np.full(len(alive), len(alive))
    np.minimum.at(lowest, first[alive], np.flatnonzero(alive))
    lowest[lowest == len(alive)] = NO_WITNESS
    return lowest[first]

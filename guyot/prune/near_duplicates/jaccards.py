"""The exact Jaccard similarity of pairs of documents, from their shingles."""

import numpy as np
from numpy.typing import NDArray

from guyot.text.shingles import Shingles


def jaccards(distinct: Shingles, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the exact Jaccard similarity of pairs of documents.

    Parameters
    ----------
    distinct : of n documents, each with one shingle at least; see `Shingles.distinct`
    one, other : int64[p], documents

    Returns
    -------
    float64[p]

    Notes
    -----
    O(m log m) per pair of m shingles.

    Examples
    --------
    >>> two = Shingles(np.array([1, 2, 3, 2, 3, 4], np.uint64), np.array([0, 3, 6]))
    >>> jaccards(two, np.array([0]), np.array([1])).tolist()
    [0.5]
    """
    found = np.empty(len(one))
    pairs: list[list[int]] = np.stack([one, other], axis=1).tolist()
    offsets: list[int] = distinct.offsets.tolist()
    for number, (left, right) in enumerate(pairs):
        short = distinct.hashes[offsets[left] : offsets[left + 1]]
        long = distinct.hashes[offsets[right] : offsets[right + 1]]
        if len(short) > len(long):
            short, long = long, short
        at = np.searchsorted(long, short)
        at[at == len(long)] = 0
        shared = int(np.count_nonzero(long[at] == short))
        found[number] = shared / (len(short) + len(long) - shared)
    return found

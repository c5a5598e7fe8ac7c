"""The exact Jaccard similarity of pairs of documents, from their shingles."""

import numpy as np
from numpy.typing import NDArray

from guyot.text.shingles import Shingles

_SHINGLES_AT_ONCE = 1 << 17


def jaccards(distinct: Shingles, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the exact Jaccard similarity of pairs of documents.

    Parameters
    ----------
    distinct : of n documents, each with one shingle at least; see `Shingles.distinct`
    one, other : int64[p], documents; fastest where the same one is in many pairs

    Returns
    -------
    float64[p]

    Notes
    -----
    O(m log m) per pair of m shingles; the pairs of one document are looked at together.

    Examples
    --------
    >>> two = Shingles(np.array([1, 2, 3, 2, 3, 4], np.uint64), np.array([0, 3, 6]))
    >>> jaccards(two, np.array([0]), np.array([1])).tolist()
    [0.5]
    """
    found = np.empty(len(one))
    order = np.argsort(one, kind="stable")
    sizes = np.diff(distinct.offsets)
    reached = np.cumsum(sizes[other[order]]) // _SHINGLES_AT_ONCE
    for some in np.split(order, np.flatnonzero(reached[1:] != reached[:-1]) + 1):
        if len(some):
            shared = _shared(distinct, one[some], other[some])
            found[some] = shared / (sizes[one[some]] + sizes[other[some]] - shared)
    return found


def _shared(distinct: Shingles, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the shingles that the documents of each pair share, the pairs of one document side by side."""
    theirs = distinct.take(other)
    is_shared = np.empty(len(theirs.hashes), np.int64)
    first = np.flatnonzero(np.append(True, one[1:] != one[:-1]))  # of the pairs of a document
    documents = one[first]
    begins = theirs.offsets[first].tolist()
    for number, (begin, end) in enumerate(zip(begins, [*begins[1:], None], strict=True)):
        document = documents[number]
        mine = distinct.hashes[distinct.offsets[document] : distinct.offsets[document + 1]]
        some = theirs.hashes[begin:end]
        at = mine.searchsorted(some)
        at[at == len(mine)] = 0
        is_shared[begin:end] = mine[at] == some
    return np.add.reduceat(is_shared, theirs.offsets[:-1])

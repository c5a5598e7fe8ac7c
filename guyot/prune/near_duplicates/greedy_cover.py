"""A cover: documents in order, each kept unless one that is kept is near, so that none loses its kind."""

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS
from guyot.narrow import Rows, row_type
from guyot.prune.near_duplicates.pairs import Pairs


def greedy_cover(n_documents: int, pairs: Pairs) -> NDArray[np.bool_]:
    """Visit documents in order; keep each that has no earlier kept one among its pairs.

    Parameters
    ----------
    n_documents : n; pairs name them by their place in the visiting order

    Returns
    -------
    bool[n]

    Notes
    -----
    O(p) per round; a round decides all documents whose earlier ones are decided, so there are as many as
    the longest line of documents that hang on one another.

    Examples
    --------
    >>> chain = Pairs(np.array([1, 2]), np.array([0, 1]), np.array([0.9, 0.9], np.float32))
    >>> greedy_cover(3, chain).tolist()
    [True, False, True]
    """
    kept = np.ones(n_documents, np.bool_)
    waiting = np.zeros(n_documents, np.bool_)
    waiting[pairs.later] = True
    later, earlier = pairs.later, pairs.earlier
    while waiting.any():
        goes = later[~waiting[earlier] & kept[earlier]]
        kept[goes], waiting[goes] = False, False
        waits_on = np.zeros(n_documents, np.bool_)
        waits_on[later[waiting[earlier]]] = True
        waiting &= waits_on  # the others' earlier ones all went: they stay
        undecided = waiting[later]
        later, earlier = later[undecided], earlier[undecided]
    return kept


def nearest_kept(n_documents: int, pairs: Pairs, kept: NDArray[np.bool_]) -> tuple[Rows, NDArray[np.float32]]:
    """Find each document's nearest earlier kept one among its pairs.

    Parameters
    ----------
    kept : bool[n]

    Returns
    -------
    (int32[n], or of 2^31 documents and more int64[n], the earliest of equals, -1 where there is none;
    float32[n] its cosine, nan where none)

    Examples
    --------
    >>> pairs = Pairs(np.array([2, 2]), np.array([0, 1]), np.array([0.7, 0.9], np.float32))
    >>> nearest_kept(3, pairs, np.array([True, False, True]))[0].tolist()
    [-1, -1, 0]
    """
    by_kept = pairs.subset(kept[pairs.earlier])
    order = np.lexsort((-by_kept.earlier, by_kept.cosine, by_kept.later))  # of each the last is the best
    witness = np.full(n_documents, NO_WITNESS, row_type(n_documents))
    cosine = np.full(n_documents, np.nan, np.float32)
    witness[by_kept.later[order]] = by_kept.earlier[order]
    cosine[by_kept.later[order]] = by_kept.cosine[order]
    return witness, cosine


def covering_limit(n_documents: int, pairs: Pairs, weights: NDArray[np.int64], target: int) -> float | None:
    """Find a limit whose cover weighs at most a target, and hardly less.

    Parameters
    ----------
    weights : int64[n], by place in the visiting order; 0 for documents that are not alive
    target : the weight to keep

    Returns
    -------
    A cosine: documents with a higher one to a kept document go. None where these pairs leave too much.

    Notes
    -----
    What a cover weighs mostly falls with the limit, but not always: bisection finds one crossing of the
    target. O(p) per round and halving.

    Examples
    --------
    >>> chain = Pairs(np.array([1, 2]), np.array([0, 1]), np.array([0.8, 0.9], np.float32))
    >>> round(covering_limit(3, chain, np.ones(3, int), 2), 3)
    0.8
    """

    def weight(limit: float) -> int:
        return int(weights[greedy_cover(n_documents, pairs.subset(pairs.cosine > limit))].sum())

    limits = np.concatenate([[-np.inf], np.unique(pairs.cosine).astype(np.float64)])
    if weight(limits[0]) > target:
        return None
    low, high = 0, len(limits)  # the cover of `low` fits; the one above all pairs is everything
    while high - low > 1:
        middle = (low + high) // 2
        if weight(float(limits[middle])) <= target:
            low = middle
        else:
            high = middle
    return float(limits[low])

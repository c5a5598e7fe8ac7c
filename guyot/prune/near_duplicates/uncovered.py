"""Documents that were dropped as duplicates although no kept one is near."""

import functools

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS
from guyot.narrow import Rows
from guyot.prune.near_duplicates.pairs import Pairs
from guyot.vectors.exact import ComparisonLists
from guyot.vectors.nearest_earlier import nearest_earlier
from guyot.vectors.screen import UnitRows
from guyot.vectors.threads import in_threads


def in_doubt(
    dropped: NDArray[np.bool_],
    kept: NDArray[np.bool_],
    witness: NDArray[np.int64],
    *,
    witness_is_near: bool = True,
) -> NDArray[np.bool_]:
    """Return the dropped documents whose witness does not show that a kept one is near: bool[n].

    Parameters
    ----------
    dropped, kept : bool[n]
    witness : int64[n], rows; of dropped documents; of others any, such as of an evaluation record
    witness_is_near : as for `count_uncovered`

    Examples
    --------
    >>> in_doubt(np.array([False, True, True]), np.array([True, False, False]), np.array([-1, 0, 1])).tolist()
    [False, False, True]
    """
    if not witness_is_near:
        return dropped.copy()
    rows = np.flatnonzero(dropped)
    by = witness[rows]
    doubtful = np.zeros(len(dropped), np.bool_)
    doubtful[rows] = ~kept[np.where(by < len(kept), by, NO_WITNESS)]
    return doubtful


def count_without_pair(
    pairs: Pairs,
    place: Rows,
    doubtful: NDArray[np.bool_],
    kept: NDArray[np.bool_],
    limit: float,
) -> int:
    """Count doubtful documents that have no pair with a kept one above the limit.

    Parameters
    ----------
    pairs : all those above the limit, and any below it
    place : int64[n] or int32[n], each document's place in the visiting order
    doubtful : bool[n], of `in_doubt`
    kept : bool[n]
    limit : cosine above which two documents are duplicates

    Returns
    -------
    What `count_uncovered` does of these documents.

    Notes
    -----
    O(n + p).

    Examples
    --------
    >>> chain = Pairs(np.array([1, 2]), np.array([0, 1]), np.array([0.9, 0.8], np.float32))
    >>> doubtful, kept = np.array([False, True, True]), np.array([True, False, False])
    >>> count_without_pair(chain, np.arange(3), doubtful, kept, 0.7)
    1
    """
    is_kept, covered = np.zeros((2, len(place)), np.bool_)
    is_kept[place] = kept
    near = pairs.subset(pairs.cosine > np.float32(limit))
    covered[near.later[is_kept[near.earlier]]] = True
    covered[near.earlier[is_kept[near.later]]] = True
    return int((doubtful & ~covered[place]).sum())


def count_uncovered(
    compared: ComparisonLists,
    dropped: NDArray[np.bool_],
    kept: NDArray[np.bool_],
    witness: NDArray[np.int64],
    limit: float,
    *,
    witness_is_near: bool = True,
    is_earlier: bool = False,
) -> int:
    """Count dropped documents that have no kept one nearer than the limit.

    Parameters
    ----------
    dropped : bool[n], by SemDeDup for a duplicate; none of them kept
    kept : bool[n], such as those that the step left, or those of the final mixture
    witness : int64[n], rows; of dropped documents; of others any
    limit : cosine above which two documents are duplicates
    witness_is_near : whether a document and its witness are; in the mode components they need not be
    is_earlier : whether a kept one that is near must rank before the document, as in the mode official: of
        the documents that the step left none has one before it, living when the step began, above the limit

    Notes
    -----
    O(m k d) at most for m doubtful documents and k kept ones of a list, half of it with `is_earlier`: only
    documents whose witness is dropped too, or not near, are compared again, and with the kept ones alone. No
    pairs are held; the vectors of a few lists for each thread.
    """
    doubtful = in_doubt(dropped, kept, witness, witness_is_near=witness_is_near)
    if not doubtful.any():
        return 0
    covered = functools.partial(_covered, dropped=doubtful, kept=kept, limit=limit, is_earlier=is_earlier)
    for rows in in_threads(covered, compared.lists(doubtful)):
        doubtful[rows] = False
    return int(doubtful.sum())


def _covered(
    ranked: tuple[NDArray[np.int64], NDArray[np.float16]],
    *,
    dropped: NDArray[np.bool_],
    kept: NDArray[np.bool_],
    limit: float,
    is_earlier: bool,
) -> NDArray[np.int64]:
    """Find the dropped documents of a list that have a kept one nearer than the limit in it: rows."""
    rows, vectors = ranked
    near, sought = kept[rows], np.flatnonzero(dropped[rows])
    chosen = np.concatenate([np.flatnonzero(near), sought])  # all kept ones come before
    if is_earlier:
        chosen.sort()
    both = UnitRows.checked(vectors[chosen], "vectors of a list")
    is_source = near[chosen]
    known = np.full(len(sought), limit, np.float32), np.full(len(sought), NO_WITNESS)
    _, covering = nearest_earlier(both, np.flatnonzero(~is_source), np.flatnonzero(is_source), known)
    return rows[sought[covering != NO_WITNESS]]

"""Incremental SemDeDup: updates the highest similarities after documents changed, without all pairs.

A document that came can only raise the maxima of those ranked after it, and needs its own. One that
left matters only where it was the witness. What is computed is what `nearest_predecessors` would give for
the documents that there are now, bit for bit, so histories leave no trace.
"""

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS
from guyot.errors import ArrayError
from guyot.prune.near_duplicates.maxima import NearestPredecessors
from guyot.vectors.exact import check_unit
from guyot.vectors.nearest_earlier import nearest_earlier
from guyot.vectors.screen import UnitRows
from guyot.vectors.tiles import NO_COSINE


def updated_maxima(
    ranked: NDArray[np.float16],
    groups: list[int],
    previous: NearestPredecessors,
    fresh: NDArray[np.bool_],
    orphaned: NDArray[np.bool_],
    *,
    block_rows: int = 1024,
) -> NearestPredecessors:
    """Update each document's nearest earlier one in its group, after some were added and removed.

    Parameters
    ----------
    ranked : float16[n, d], rows of unit length: all that there are now, group by group, each in
        visiting order
    groups : where each group begins, and n
    previous : over the same positions; of fresh and orphaned ones nothing is read
    fresh : bool[n], documents that were not there before
    orphaned : bool[n], documents whose witness has left
    block_rows : columns per block; changes memory, never the result

    Returns
    -------
    NearestPredecessors : over the same positions; equal, bit for bit, to `nearest_predecessors` of each
        group.

    Raises
    ------
    ArrayError : columns of different lengths, groups that are not all of them, block_rows below 1, or a
        fresh or orphaned row is not of unit length; the others were checked when their scores were made.

    Notes
    -----
    O(m k d) in float32 for m fresh and orphaned documents in groups of k, see
    `guyot.vectors.nearest_earlier`. Abbas et al. 2023 (arXiv:2303.09540), algorithm A7, whose code
    compares all pairs again.

    Examples
    --------
    >>> from guyot.vectors.exact import unit_float16
    >>> ranked = unit_float16(np.array([[1, 0], [0, 1], [1, 0]], np.float32))
    >>> before = NearestPredecessors(np.array([np.nan, 0, 0], np.float32), np.array([-1, 0, 1]))
    >>> fresh, orphaned = np.array([True, False, False]), np.zeros(3, np.bool_)
    >>> found = updated_maxima(ranked, [0, 3], before, fresh, orphaned)
    >>> found.similarity.tolist(), found.witness.tolist()
    ([nan, 0.0, 1.0], [-1, 0, 0])
    """
    opened = fresh | orphaned
    _check(ranked, groups, previous, fresh, orphaned, block_rows)
    check_unit(ranked[opened], "fresh and orphaned rows of ranked")
    unknown = opened | np.isnan(previous.similarity)
    best = NearestPredecessors(
        np.where(unknown, NO_COSINE, previous.similarity),
        np.where(unknown, NO_WITNESS, previous.witness),
    )
    for begin, end in zip(groups, groups[1:], strict=False):
        span = slice(begin, end)
        if opened[span].any():
            _update_group(ranked[span], begin, opened[span], fresh[span], best, block_rows)
    best.similarity[np.isneginf(best.similarity)] = np.nan
    return best


def _update_group(
    ranked: NDArray[np.float16],
    begin: int,
    opened: NDArray[np.bool_],
    fresh: NDArray[np.bool_],
    best: NearestPredecessors,
    block_rows: int,
) -> None:
    """Let open rows of a group seek among all before them, and offer fresh ones to the others after them."""
    rows, every = UnitRows.measured(ranked), np.arange(len(ranked))
    others, came = np.flatnonzero(~opened), np.flatnonzero(fresh)
    for targets, sources in ((np.flatnonzero(opened), every), (others, came)):
        places = targets + begin
        had = best.witness[places]
        known = best.similarity[places], np.where(had == NO_WITNESS, NO_WITNESS, had - begin)
        similarity, witness = nearest_earlier(rows, targets, sources, known, block_rows=block_rows)
        best.similarity[places] = similarity
        best.witness[places] = np.where(witness == NO_WITNESS, NO_WITNESS, witness + begin)


def _check(
    ranked: NDArray[np.float16],
    groups: list[int],
    previous: NearestPredecessors,
    fresh: NDArray[np.bool_],
    orphaned: NDArray[np.bool_],
    block_rows: int,
) -> None:
    """Refuse what does not fit together."""
    lengths = {len(column) for column in (ranked, previous.similarity, previous.witness, fresh, orphaned)}
    if len(lengths) > 1 or groups[:1] != [0] or sorted(groups) != groups or groups[-1] != len(ranked):
        raise ArrayError(
            f"columns have {sorted(lengths)} rows, groups go from {groups[:1]} to {groups[-1:]}; all "
            "columns need one length, and the groups, in order, all rows"
        )
    if block_rows < 1:
        raise ArrayError(f"block_rows={block_rows}; at least 1 is needed")

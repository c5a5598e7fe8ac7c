"""Incremental SemDeDup: updates the highest similarities after documents changed, without all pairs.

A document that came can only raise the maxima of those ranked after it, and needs its own. One that
left matters only where it was the witness. What is computed is what `nearest_predecessors` would give for
the documents that there are now, bit for bit, so histories leave no trace.
"""

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS
from guyot.errors import ArrayError
from guyot.prune.near_duplicates.maxima import NearestPredecessors, nearest_predecessors
from guyot.vectors.exact import UNIT_TOLERANCE, check_unit, cosines, float32_of, pair_cosines

_MANY = 64  # a pair alone costs about as much as this many pairs of a block
_AT_ONCE = 4096  # pairs that are multiplied exactly together
_LOWEST, _HIGHEST = np.float32(-np.inf), np.float32(np.inf)
_Pairs = list[tuple[NDArray[np.int64], NDArray[np.int64]]]


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
    block_rows : rows and columns per block; changes memory, never the result

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
    O(m k d) time for m fresh and orphaned documents in groups of k; about 24 x block_rows^2 bytes. Abbas
    et al. 2023 (arXiv:2303.09540), algorithm A7, whose code compares all pairs again. Blocks are
    multiplied in float32, off by less than `_error(d)`; pairs which that leaves in doubt are multiplied
    exactly, as in `guyot.vectors.exact.cosines`.

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
        np.where(unknown, _LOWEST, previous.similarity),
        np.where(unknown, NO_WITNESS, previous.witness),
    )
    doubtful: _Pairs = []
    for begin, end in zip(groups, groups[1:], strict=False):
        rows = np.flatnonzero(opened[begin:end]) + begin
        if 2 * len(rows) >= end - begin:  # then all pairs cost no more
            whole = nearest_predecessors(ranked[begin:end], block_rows=block_rows)
            best.similarity[begin:end] = whole.similarity
            best.witness[begin:end] = np.where(whole.witness < 0, NO_WITNESS, whole.witness + begin)
            continue
        for first in range(0, len(rows), block_rows):
            some = rows[first : first + block_rows]
            for block in range(begin, end, block_rows):
                places = np.arange(block, min(block + block_rows, end))
                doubtful += _compare(ranked, some, places, opened, fresh, best)
                if sum(len(pairs[0]) for pairs in doubtful) > _AT_ONCE:
                    _compare_exactly(ranked, doubtful, best)
    _compare_exactly(ranked, doubtful, best)
    best.similarity[np.isneginf(best.similarity)] = np.nan
    return best


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


def _compare(
    ranked: NDArray[np.float16],
    rows: NDArray[np.int64],
    places: NDArray[np.int64],
    opened: NDArray[np.bool_],
    fresh: NDArray[np.bool_],
    best: NearestPredecessors,
) -> _Pairs:
    """Compare open rows with adjacent places of their group; return (target, witness) of pairs in doubt.

    An open row seeks its maximum among the earlier; a fresh one is offered to the later that are not open.
    """
    span = slice(int(places[0]), int(places[-1]) + 1)
    rough = float32_of(ranked[span]) @ float32_of(ranked[rows]).T
    earlier = places[:, None] < rows
    error = _error(ranked.shape[1])
    sought = np.where(earlier, rough, _LOWEST).max(axis=0) - 2 * error
    sought = np.maximum(sought, best.similarity[rows] - error)
    lower_bound = np.where(opened[span], _HIGHEST, best.similarity[span] - error)
    seeks = earlier & (rough >= sought)
    takes = (rough >= lower_bound[:, None]) & ~earlier & fresh[rows]
    if (np.count_nonzero(seeks) + np.count_nonzero(takes)) * _MANY > rough.size:
        exact = cosines(ranked[span], ranked[rows])
        _improve_densely(best, rows, places, np.where(earlier, exact, _LOWEST))
        _improve_densely(best, places, rows, np.where(takes, exact, _LOWEST).T)
        return []
    witness, target = np.divmod(np.flatnonzero(seeks), len(rows))
    taker, offer = np.divmod(np.flatnonzero(takes), len(rows))
    return [(rows[target], places[witness]), (places[taker], rows[offer])]


def _error(width: int) -> np.float32:
    """Bound how far the float32 product of two unit vectors is from the cosine that is stored.

    Each length is off by at most t = UNIT_TOLERANCE, so the product of both by 2 t + t^2. With u = 2^-24
    a sum of d products, in any order, is off by at most d u of it; storing adds u. The bound is larger.
    """
    return np.float32(2.1 * UNIT_TOLERANCE + (width + 8) * 2.0**-23)


def _improve_densely(
    best: NearestPredecessors,
    target: NDArray[np.int64],
    witness: NDArray[np.int64],
    values: NDArray[np.float32],
) -> None:
    """Offer witnesses, in visiting order, to targets: float32[witnesses, targets]; -inf is no offer."""
    nearest = values.argmax(axis=0)
    highest = values[nearest, np.arange(len(target))]
    some = highest > _LOWEST
    _improve(best, target[some], witness[nearest[some]], highest[some])


def _compare_exactly(ranked: NDArray[np.float16], doubtful: _Pairs, best: NearestPredecessors) -> None:
    """Multiply the pairs in doubt exactly, and forget them."""
    for begin in range(0, sum(len(pairs[0]) for pairs in doubtful), _AT_ONCE):
        target, witness = (
            np.concatenate(side)[begin : begin + _AT_ONCE] for side in zip(*doubtful, strict=True)
        )
        value = pair_cosines(ranked[target], ranked[witness])
        _improve(best, target, witness, value)
    doubtful.clear()


def _improve(
    best: NearestPredecessors,
    target: NDArray[np.int64],
    witness: NDArray[np.int64],
    value: NDArray[np.float32],
) -> None:
    """Update targets with candidates that are higher, or equal and earlier."""
    order = np.lexsort((-witness, value, target))  # of each target the last is the best
    target, witness, value = target[order], witness[order], value[order]
    last = np.ones(len(target), np.bool_)
    last[:-1] = target[1:] != target[:-1]
    target, witness, value = target[last], witness[last], value[last]
    present = best.similarity[target]
    better = (value > present) | ((value == present) & (witness < best.witness[target]))
    best.similarity[target[better]] = value[better]
    best.witness[target[better]] = witness[better]

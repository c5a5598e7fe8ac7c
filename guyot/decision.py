"""A step's decision, added to the cut of the steps before it."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS, Cut, Scores, nothing_dropped


def after(
    cut: Cut, name: str, scores: Scores, kept: NDArray[np.bool_], *, by_target: bool = True,
    is_last_use: bool = False,
) -> Cut:  # fmt: skip
    """Add one step's decision to a cut.

    Parameters
    ----------
    name : the step
    kept : bool[n], a subset of `cut.kept`
    by_target : whether a target decided, and not the method's own limit
    is_last_use : whether nobody looks at `cut` afterwards: its columns may become those of the result
    """
    dropped = cut.kept & ~kept
    put = partial(_put, in_place=is_last_use)
    score = put(cut.kept, scores.values, cut.score)
    threshold = put(cut.kept, _thresholds(scores, kept, by_target), cut.threshold)
    witness = np.int64(NO_WITNESS) if scores.witness is None else scores.witness
    reason = np.full(len(kept), len(cut.reasons), np.int16)
    if scores.other is not None:
        reason[scores.other] += 1
    if scores.witness is not None:
        reason[witness == NO_WITNESS] = 0
    named = (scores.reason,) if scores.other is None else (scores.reason, scores.other_reason)
    return Cut(
        kept=kept,
        step=put(dropped, np.int16(len(cut.steps)), cut.step),
        score=score,
        threshold=threshold,
        witness=put(dropped, witness, cut.witness),
        reason=put(dropped, reason, cut.reason),
        steps=(*cut.steps, name),
        reasons=(*cut.reasons, *named),
    )


def _put(some: NDArray[np.bool_], values: Any, column: NDArray[Any], *, in_place: bool) -> NDArray[Any]:
    """Replace some of a column, which may become the result."""
    if not (in_place and column.flags.writeable):
        return np.where(some, values, column)
    np.copyto(column, values, where=some)
    return column


def _thresholds(scores: Scores, kept: NDArray[np.bool_], by_target: bool) -> NDArray[np.float64]:
    """Return, for each document, the limit that decided about it."""
    unscored = np.zeros(len(kept), np.bool_) if scores.unscored is None else scores.unscored
    if scores.unscored is None and scores.witness is not None:
        unscored = scores.witness == NO_WITNESS
    limits = np.full(len(kept), scores.limit)
    scored = kept & ~unscored
    group = scores.group
    if by_target and group is None:
        lowest = float(scores.values.min(where=scored, initial=np.inf))
        limits[:] = limits if np.isinf(lowest) else lowest
    elif by_target and group is not None:
        each = np.full(int(group.max(initial=0)) + 1, np.inf)
        np.minimum.at(each, group[scored], scores.values[scored])
        of_group = each[group]
        np.copyto(limits, of_group, where=~np.isinf(of_group))
    limits[unscored & ~kept] = np.nan
    return limits


def without_scores(cut: Cut) -> Cut:
    """Return a cut without the scores and reasons that no account looks at: 10 bytes a document less.

    Examples
    --------
    >>> cut = Cut(*(np.zeros(1, dtype) for dtype in (bool, np.int16, float, float, np.int64, np.int16)))
    >>> without_scores(cut).score.tolist(), without_scores(cut).reason.tolist()
    ([nan], [-1])
    """
    none = nothing_dropped(len(cut.kept))
    return replace(cut, score=none.score, reason=none.reason)

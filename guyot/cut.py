"""A cut: what was done to each document, why, and because of which other document.

A method gives `Scores`; `take` turns scores into a decision that meets a target exactly.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError

NO_WITNESS = -1
KEPT = -1
LOT = "lot"  # dropped for the target's sake, by no merit of its own


@dataclass(frozen=True)
class Scores:
    """What a method says of n documents.

    values : float64[n], higher means keep first
    reason : one word for a drop by this method
    witness : int64[n], row of the document because of which this one would go; -1 where there is
        none, and then the reason is `LOT`; None for a method that has no witnesses at all
    """

    values: NDArray[np.float64]
    reason: str
    witness: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Cut:
    """What a recipe did to n documents.

    kept : bool[n]
    step : int16[n], index into `steps` of the step that dropped it; for a kept document, -1
    score : float64[n], its score in the step that decided: the dropping one, or the last
    threshold : float64[n], the lowest score which that step kept; nan where it kept nothing
    witness : int64[n], row of the document because of which it was dropped; -1 where none
    reason : int16[n], index into `reasons` of the word for the drop; for a kept document, -1
    steps, reasons : names
    """

    kept: NDArray[np.bool_]
    step: NDArray[np.int16]
    score: NDArray[np.float64]
    threshold: NDArray[np.float64]
    witness: NDArray[np.int64]
    reason: NDArray[np.int16]
    steps: tuple[str, ...] = ()
    reasons: tuple[str, ...] = (LOT,)


def whole(n_documents: int) -> Cut:
    """Return the cut that has dropped nothing yet.

    Examples
    --------
    >>> whole(2).kept.tolist()
    [True, True]
    """
    return Cut(
        kept=np.ones(n_documents, np.bool_),
        step=np.full(n_documents, KEPT, np.int16),
        score=np.full(n_documents, np.nan),
        threshold=np.full(n_documents, np.nan),
        witness=np.full(n_documents, NO_WITNESS, np.int64),
        reason=np.full(n_documents, KEPT, np.int16),
    )


def share(total: int, fraction: float) -> int:
    """Take a decimal fraction of a whole number, rounded down, free of binary rounding.

    Examples
    --------
    >>> int(0.29 * 100), share(100, 0.29)
    (28, 29)
    """
    return int(total * Fraction(repr(fraction)))


def take(
    scores: Scores,
    weights: NDArray[np.int64],
    alive: NDArray[np.bool_],
    target: int,
    *,
    reach: bool = False,
) -> NDArray[np.bool_]:
    """Keep the best documents up to a target weight, exactly.

    Parameters
    ----------
    scores : n documents
    weights : int64[n], what a document counts: 1, or its tokens, or its bytes; not negative
    alive : bool[n], the documents that earlier steps have left
    target : the weight to keep
    reach : keep the one document more that reaches the target, where none meets it; for a step
        before the last, so that it never leaves less than its share

    Returns
    -------
    bool[n]; the longest run of documents from the best down whose weights do not pass the target, so
    that with weights of 1 exactly `target` are kept, and else the next document would pass it.
    Equal scores go to the lower row.

    Raises
    ------
    SettingError : less than the target is left, or a score is nan.

    Examples
    --------
    >>> scores = Scores(np.array([0.5, 0.9, 0.5]), "low")
    >>> take(scores, np.ones(3, np.int64), np.ones(3, bool), 2).tolist()
    [True, True, False]
    """
    rows = np.flatnonzero(alive)
    left = int(weights[rows].sum())
    if target > left or target < 0:
        raise SettingError(
            f"the target is {target} but {len(rows)} documents worth {left} are left to keep from; "
            "raise what earlier steps keep, or lower target_fraction"
        )
    values = scores.values[rows]
    if np.isnan(values).any():
        raise SettingError(f"{int(np.isnan(values).sum())} scores are nan; nothing unscored can be cut")
    best_first = rows[np.lexsort((rows, -values))]
    spent = np.cumsum(weights[best_first])
    n_kept = int(np.searchsorted(spent, target, side="right"))
    if reach and n_kept < len(spent) and (n_kept == 0 or spent[n_kept - 1] < target):
        n_kept += 1
    kept = np.zeros(len(alive), np.bool_)
    kept[best_first[:n_kept]] = True
    return kept


def after(cut: Cut, name: str, scores: Scores, kept: NDArray[np.bool_]) -> Cut:
    """Add one step's decision to a cut.

    Parameters
    ----------
    name : the step
    kept : bool[n], a subset of `cut.kept`
    """
    dropped = cut.kept & ~kept
    decided = cut.kept
    lowest = scores.values[kept].min() if kept.any() else np.nan
    none = np.full(len(kept), NO_WITNESS, np.int64)
    witness = none if scores.witness is None else scores.witness
    lot = np.zeros(len(kept), np.bool_) if scores.witness is None else witness == NO_WITNESS
    reason = np.where(lot, np.int16(0), np.int16(len(cut.reasons)))
    return Cut(
        kept=kept,
        step=np.where(dropped, np.int16(len(cut.steps)), cut.step),
        score=np.where(decided, scores.values, cut.score),
        threshold=np.where(decided, lowest, cut.threshold),
        witness=np.where(dropped, witness, cut.witness),
        reason=np.where(dropped, reason, cut.reason),
        steps=(*cut.steps, name),
        reasons=(*cut.reasons, scores.reason),
    )

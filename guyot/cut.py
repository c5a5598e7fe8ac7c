"""A cut: what was done to each document, why, and because of which other document.

A method gives `Scores`; `take` turns scores into a decision that meets a target exactly.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.kmeans import KMeansSettings
from guyot.errors import SettingError
from guyot.exact_target import Line, first_up_to
from guyot.narrow import Rows

NO_WITNESS = -1
KEPT = -1
RANDOM = "random"  # dropped for the target's sake, by no merit of its own


@dataclass(frozen=True)
class Scores:
    """A method's scores of n documents.

    values : float64[n], higher means keep first
    reason : one word for a drop by this method
    witness : int64[n] or int32[n], row of the document because of which this one would go, or n + r for
        evaluation record r, which is none of the documents; -1 where there is none, and then the reason is
        `RANDOM`; None for a method that has no witnesses at all
    order : int64[n] or int32[n], each document's place in the line to be kept, the lower the earlier, for a
        method that does more than go by the values; None: by the values, equal ones by row
    group : int32[n], the group within which values are compared, so that each has a limit of its
        own; None: one limit for all
    other_reason : a second word, for the documents of `other`
    other : bool[n]; None where the method has one reason
    limit : the method's own limit, on the scale of the values, or float64[n] where it differs:
        `Cut.threshold` where no target decides, and where a target keeps no scored document; nan where no
        number says what goes
    unscored : bool[n], documents that something else than the values decides about, so that they have no
        threshold; None: those without a witness where the method has witnesses, else none
    """

    values: NDArray[np.float64]
    reason: str
    witness: Rows | None = None
    order: Rows | None = None
    group: NDArray[np.int32] | None = None
    other_reason: str = ""
    other: NDArray[np.bool_] | None = None
    limit: float | NDArray[np.float64] = np.nan
    unscored: NDArray[np.bool_] | None = None

    def line(self, alive: NDArray[np.bool_]) -> Line:
        """Return the line in which documents are kept.

        Parameters
        ----------
        alive : bool[n], those that stand in it
        """
        if self.order is None:
            return Line(lambda part: np.negative(self.values[part]), alive)
        order = self.order
        return Line(lambda part: order[part].astype(np.float64), alive)


@dataclass(frozen=True)
class PruneRequest:
    """The request to a step: its target, and what earlier steps left.

    weights : int64[n], what each document counts: 1, or its tokens, or its bytes
    alive : bool[n], the documents that earlier steps have left
    target : the weight to keep; None for a step that goes by a limit of its own
    clustering : for a step that clusters again
    """

    weights: NDArray[np.int64]
    alive: NDArray[np.bool_]
    target: int | None
    clustering: KMeansSettings | None = None

    def to_keep(self, method: str) -> int:
        """Return the target; raise if there is none.

        Raises
        ------
        SettingError : there is none.
        """
        if self.target is None:
            raise SettingError(
                f"step {method} has no limit of its own and was given no target; "
                "give it a keep_fraction, or the recipe a target_fraction"
            )
        return self.target


@dataclass(frozen=True)
class Cut:
    """What a recipe did to n documents.

    kept : bool[n]
    step : int16[n], index into `steps` of the step that dropped it; for a kept document, -1
    score : float64[n], its score in the step that decided: the dropping one, or the last
    threshold : float64[n], the limit of that step, on the scale of the score: the method's own, or where
        a target decided the lowest score that was kept, in its group where the step has groups; nan
        where no number decided
    witness : int64[n], row of the document because of which it was dropped, or n + r for evaluation record r,
        see `guyot.prune.decontaminate`; -1 where none
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
    reasons: tuple[str, ...] = (RANDOM,)


def nothing_dropped(n_documents: int) -> Cut:
    """Return the initial cut, which has dropped nothing; its columns are of one value each, and read-only.

    Examples
    --------
    >>> nothing_dropped(2).kept.tolist()
    [True, True]
    """
    return Cut(
        kept=np.broadcast_to(np.True_, n_documents),
        step=np.broadcast_to(np.int16(KEPT), n_documents),
        score=np.broadcast_to(np.float64(np.nan), n_documents),
        threshold=np.broadcast_to(np.float64(np.nan), n_documents),
        witness=np.broadcast_to(np.int64(NO_WITNESS), n_documents),
        reason=np.broadcast_to(np.int16(KEPT), n_documents),
    )


def floor_fraction(total: int, fraction: float) -> int:
    """Return a decimal fraction of an integer, rounded down, without binary rounding errors.

    Examples
    --------
    >>> int(0.29 * 100), floor_fraction(100, 0.29)
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
    bool[n]; the longest run of documents from the first in line whose weights do not pass the target,
    so that with weights of 1 exactly `target` are kept, and else the next document would pass it.
    Of equals the lower row is kept first.

    Raises
    ------
    SettingError : less than the target is left, or a score is nan.

    Examples
    --------
    >>> scores = Scores(np.array([0.5, 0.9, 0.5]), "low")
    >>> take(scores, np.ones(3, np.int64), np.ones(3, bool), 2).tolist()
    [True, True, False]
    """
    left, n_alive = int(weights.sum(where=alive)), np.count_nonzero(alive)
    if target > left or target < 0:
        raise SettingError(
            f"the target is {target} but {n_alive} documents worth {left} are left to keep from; "
            "raise what earlier steps keep, or lower target_fraction"
        )
    n_nan = np.count_nonzero(np.isnan(scores.values) & alive)
    if n_nan:
        raise SettingError(f"{n_nan} scores are nan; nothing unscored can be cut")
    return first_up_to(scores.line(alive), weights, target, reach=reach)

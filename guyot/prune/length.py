"""Long files first (Brevity): short ones hold more distinct files per token."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.columns import KIND, Need, signal
from guyot.cut import PruneRequest, Scores
from guyot.documents import Documents
from guyot.prune.explanation import ExplanationInputs, magnitude
from guyot.prune.ordering import places, spent_within
from guyot.prune.step import StepDefaults


@dataclass(frozen=True)
class Length(StepDefaults):
    """Drop the longest documents, or as a control the shortest.

    `measure` is tokens of the training tokenizer, bytes or lines. With `per_kind` every kind, such as a
    language, loses the same share of what the recipe counts, so that each has a limit of its own; for a
    limit that is a number of tokens, bytes or lines see `Bounds`. As a step before the last it keeps
    `keep_fraction`.
    """

    method: Literal["length"] = "length"
    drop: Literal["longest", "shortest"] = "longest"
    measure: Literal["tokens", "bytes", "lines"] = "tokens"
    per_kind: bool = False
    keep_fraction: float | None = None

    @property
    def needs(self) -> tuple[Need, ...]:
        """The measure, and the documents' kind where it matters."""
        return (signal(self.measure), *([KIND] if self.per_kind else []))

    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        """Score documents by their length."""
        measured = documents.require(signal(self.measure), of="step length")
        kind = documents.require(KIND, of="step length") if self.per_kind else None
        return length_scores(measured, self, kind, request)

    def explain_kept(self, facts: ExplanationInputs) -> str:
        """Put its length beside that of the last that stayed."""
        most = "longest" if self.drop == "longest" else "shortest"
        among = f" of kind {facts.kind}" if self.per_kind else ""
        return (
            f"it has {magnitude(facts.score)} {self.measure}; "
            f"the {most} that stayed{among} has {magnitude(facts.threshold)}"
        )

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Put its length beside that of the last that stayed."""
        return self.explain_kept(facts)


def length_scores(
    measured: NDArray[np.int64],
    step: Length,
    kind: NDArray[np.int32] | None = None,
    request: PruneRequest | None = None,
) -> Scores:
    """Score documents by their length.

    Parameters
    ----------
    measured : int64[n], the length of each, in the step's measure
    kind : int32[n], a number for each document's kind; used with `per_kind`
    request : used with `per_kind`

    Returns
    -------
    Scores: minus the length where the longest go, the length where the shortest go.

    Notes
    -----
    O(n log n). Singh et al. 2024, Brevity is the soul of wit (arXiv:2407.00434): drop the longest until a
    fraction of tokens is gone; state the recipe's target in tokens for that.

    Examples
    --------
    >>> length_scores(np.array([10, 300]), Length()).values.tolist()
    [-10.0, -300.0]
    """
    sign, reason = (-1.0, "long") if step.drop == "longest" else (1.0, "short")
    values = sign * measured.astype(np.float64)
    if not step.per_kind or kind is None or request is None:
        return Scores(values, reason)
    return Scores(values, reason, order=_by_share(values, kind, request), group=kind)


def _by_share(
    values: NDArray[np.float64], kind: NDArray[np.int32], request: PruneRequest
) -> NDArray[np.int64]:
    """Put documents in line by the share of their kind that is kept when they are."""
    rows = np.flatnonzero(request.alive)
    best_first = rows[np.lexsort((rows, -values[rows], kind[rows]))]
    weights, of = request.weights[best_first], kind[best_first]
    total = np.bincount(of, weights=weights)
    part = spent_within(weights, of) / np.maximum(total[of], 1)
    return places(best_first[np.lexsort((best_first, part))], len(values))

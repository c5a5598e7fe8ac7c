"""No pruning: the other control. Everything is kept."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.cut import PruneRequest, Scores
from guyot.documents import Documents
from guyot.prune.explanation import ExplanationInputs
from guyot.prune.step import Filter


@dataclass(frozen=True)
class Everything(Filter):
    """Keep all documents; for a recipe whose target fraction is 1."""

    method: Literal["everything"] = "everything"

    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        """Score all documents alike."""
        return everything_scores(len(documents))

    def passes_default_threshold(self, scores: Scores) -> NDArray[np.bool_]:
        """Keep all documents; bool[n]."""
        return np.ones(len(scores.values), np.bool_)

    def explain_kept(self, facts: ExplanationInputs) -> str:
        """Explain that nothing is dropped."""
        return "everything is kept"

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Explain that the target, and not the step, dropped the document."""
        return "the recipe's target keeps less than everything, and this document comes after what it keeps"


def everything_scores(n_documents: int) -> Scores:
    """Score all documents alike; no document is dropped by its score.

    Examples
    --------
    >>> everything_scores(2).values.tolist()
    [0.0, 0.0]
    """
    return Scores(np.zeros(n_documents), "everything", unscored=np.ones(n_documents, np.bool_))

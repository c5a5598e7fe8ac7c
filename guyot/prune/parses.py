"""A quality filter: code that its language's parser refuses goes."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.columns import PARSES, Need
from guyot.cut import PruneRequest, Scores
from guyot.documents import Documents
from guyot.prune.explanation import ExplanationInputs
from guyot.prune.step import Filter


@dataclass(frozen=True)
class Parses(Filter):
    """Keep documents that parse, and those that were not parsed: other kinds, very long ones."""

    method: Literal["parses"] = "parses"

    @property
    def needs(self) -> tuple[Need, ...]:
        """The parser's results."""
        return (PARSES,)

    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        """Score documents 0 if the parser rejected them, else 1."""
        return parses_scores(documents.require(PARSES, of="step parses"))

    def passes_default_threshold(self, scores: Scores) -> NDArray[np.bool_]:
        """Keep documents that the parser did not reject; bool[n]."""
        return scores.values > 0

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Explain which parser rejected it."""
        return "Python's own parser refuses it"


def parses_scores(parses: NDArray[np.int8]) -> Scores:
    """Score documents 0 if the parser rejected them, else 1.

    Parameters
    ----------
    parses : int8[n], 1 parses, 0 does not; -1 not parsed

    Examples
    --------
    >>> parses_scores(np.array([1, 0, -1], np.int8)).values.tolist()
    [1.0, 0.0, 1.0]
    """
    return Scores((parses != 0).astype(np.float64), "unparsable")

"""A quality filter: documents of other kinds, such as languages, go."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.columns import KIND, Need
from guyot.cut import PruneRequest, Scores
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.prune.explanation import ExplanationInputs
from guyot.prune.step import Filter


@dataclass(frozen=True)
class OnlyKinds(Filter):
    """Keep documents of these kinds: `python`, `markdown`, or what a record names as its kind."""

    kinds: tuple[str, ...]
    method: Literal["only_kinds"] = "only_kinds"

    def __post_init__(self) -> None:
        """Refuse to keep nothing."""
        if not self.kinds:
            raise SettingError("only_kinds names 0 kinds, which keeps nothing; name at least 1")

    @property
    def needs(self) -> tuple[Need, ...]:
        """The documents' kind."""
        return (KIND,)

    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        """Score documents of the kinds 1, others 0."""
        return only_kinds_scores(documents.is_of(self.kinds, of="step only_kinds"))

    def passes_default_threshold(self, scores: Scores) -> NDArray[np.bool_]:
        """Keep documents of the kinds; bool[n]."""
        return scores.values > 0

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Name its kind and those that are kept."""
        return f"its kind is {facts.kind}; the recipe takes {', '.join(self.kinds)}"


def only_kinds_scores(is_wanted: NDArray[np.bool_]) -> Scores:
    """Score documents 1 if they are of a kind that is wanted, else 0.

    Parameters
    ----------
    is_wanted : bool[n]

    Examples
    --------
    >>> only_kinds_scores(np.array([True, False])).values.tolist()
    [1.0, 0.0]
    """
    return Scores(is_wanted.astype(np.float64), "kind")

"""A quality filter: documents of which a signal lies outside its bounds go."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.columns import KIND, Need, signal
from guyot.cut import PruneRequest, Scores
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.prune.explanation import ExplanationInputs, number
from guyot.prune.step import Filter

INSIDE = 0.0


@dataclass(frozen=True)
class Bounds(Filter):
    """Keep documents of which a signal is at least `at_least` and at most `at_most`.

    `signal` is any column of numbers, such as one of `guyot.text.signals`.
    A document without a value, such as an image without a caption that could be scored, is kept.
    With `kinds` only documents of these kinds, such as languages, are filtered; all others are kept.
    """

    signal: str
    method: Literal["bounds"] = "bounds"
    at_least: float | None = None
    at_most: float | None = None
    kinds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse bounds that let everything or nothing pass."""
        lowest, highest = self.range
        if not lowest <= highest or (self.at_least is None and self.at_most is None):
            raise SettingError(
                f"bounds of {self.signal} has at_least={self.at_least}, at_most={self.at_most}; "
                "give at least one of them, the first not above the second"
            )

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest value that pass."""
        lowest = -np.inf if self.at_least is None else self.at_least
        return lowest, np.inf if self.at_most is None else self.at_most

    @property
    def needs(self) -> tuple[Need, ...]:
        """The signal, and the documents' kind where it matters."""
        return (signal(self.signal), *([KIND] if self.kinds else []))

    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        """Score documents by how far inside the bounds they are, at most 0.

        Raises
        ------
        SettingError : no document has a value.
        """
        values = documents.require(signal(self.signal), of="step bounds")
        values = values.astype(np.float64, copy=False)
        if len(values) and np.isnan(values).all():
            raise SettingError(
                f"step bounds looks at {self.signal}, of which none of {len(values):,} documents has a "
                "value; give the lake what measures it (clip_score: encoding.caption_model), or leave out "
                "the step"
            )
        return bounds_scores(values, documents.is_of(self.kinds, of="step bounds"), self)

    def passes_default_threshold(self, scores: Scores) -> NDArray[np.bool_]:
        """Keep documents within the bounds; bool[n]."""
        return scores.values >= INSIDE

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Put the signal beside the bounds."""
        least = [] if self.at_least is None else [f"at least {number(self.at_least)}"]
        most = [] if self.at_most is None else [f"at most {number(self.at_most)}"]
        measured = number(facts.values.get(self.signal))
        return f"its signal {self.signal} is {measured}; {' and '.join(least + most)} is asked for"


def bounds_scores(values: NDArray[np.float64], asked_of: NDArray[np.bool_], step: Bounds) -> Scores:
    """Score documents by how far inside the bounds they are, at most 0.

    Parameters
    ----------
    values : float64[n], the signal; nan where there is none, which lies inside
    asked_of : bool[n], documents of the step's kinds

    Returns
    -------
    Scores: 0 inside, and outside minus the distance to the nearer bound; the limit is 0.

    Examples
    --------
    >>> bounds_scores(np.array([2.0, 7.0]), np.ones(2, bool), Bounds("lines", at_most=5)).values.tolist()
    [0.0, -2.0]
    """
    lowest, highest = step.range
    below, above = values < lowest, values > highest
    outside = np.full(len(values), INSIDE)
    np.subtract(values, lowest, out=outside, where=below & asked_of)
    np.subtract(highest, values, out=outside, where=above & asked_of)
    return Scores(
        outside,
        f"low_{step.signal}",
        other_reason=f"high_{step.signal}",
        other=above,
        limit=INSIDE,
    )

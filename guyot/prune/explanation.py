"""What is known of a document's place in a mixture, as plain values, for the sentence that explains it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HELD_OUT = "held_out"


@dataclass(frozen=True)
class ExplanationInputs:
    """What is known of a document's place in a mixture.

    kept : whether the mixture holds it
    step : the name of the step that dropped it, as `names_of` gives it; None for a kept document
    reason : that step's word for it; None for a kept document
    score, threshold : of the step that decided, as in a `Cut`; None where it has none
    values : the document's columns by name, such as signals and its cluster
    kind : the document's
    witness, witness_kept : name of the document because of which it was dropped, and whether that is kept
    cluster_size : documents of its cluster that earlier steps left to the step that dropped it; for a step
        whose `explains_with_cluster_size` is set
    """

    kept: bool
    step: str | None = None
    reason: str | None = None
    score: float | None = None
    threshold: float | None = None
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    kind: str = ""
    witness: str = ""
    witness_kept: bool = False
    cluster_size: int | None = None

    @property
    def similarity(self) -> str:
        """The score of a method whose scores are 1 - similarity, as a similarity."""
        return number(None if self.score is None else 1 - self.score)

    @property
    def similarity_limit(self) -> str:
        """The limit of such a method, as a similarity."""
        return "every cosine" if self.threshold is None else number(1 - self.threshold)

    @property
    def witness_fate(self) -> str:
        """What became of the witness."""
        return "stays" if self.witness_kept else "went itself"


def number(value: float | None) -> str:
    """Write a number; whole ones with thousands apart.

    Examples
    --------
    >>> number(12000.0), number(0.1234567), number(None)
    ('12,000', '0.123457', 'none')
    """
    if value is None:
        return "none"
    return f"{int(value):,}" if float(value).is_integer() else f"{value:.6g}"


def magnitude(value: float | None) -> str:
    """Write a score or limit without the sign that puts what stays first.

    Examples
    --------
    >>> magnitude(-800.0)
    '800'
    """
    return number(None if value is None else abs(value))


def at_random(exhausted: str) -> str:
    """Explain a drop by the target alone, once all that the method has something against went.

    Parameters
    ----------
    exhausted : what the method would have had against the document, and has not

    Examples
    --------
    >>> at_random("nothing is like it")
    'nothing is like it; all that have one went, and the target asked for more, so it went at random'
    """
    return f"{exhausted}; all that have one went, and the target asked for more, so it went at random"

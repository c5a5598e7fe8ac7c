"""What a method provides: its settings, needs, scores, limit and sentences, all in its own file."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from guyot.columns import Need
from guyot.cut import Cut, PruneRequest, Scores
from guyot.documents import Documents
from guyot.prune.explanation import ExplanationInputs

Facts = Mapping[str, Any]  # the facts of an audit in the lake, by name
DistanceSide = Literal["far", "near"]


class StepDefaults(Protocol):
    """What a method provides besides its name, with defaults; a method overrides what differs.

    tables : the lake's tables that a mixture of it is made from, besides cluster_scores
    audits : tables whose facts `warning` is given; they may be missing
    explains_with_cluster_size : whether its sentences tell how large the document's cluster was
    """

    tables: ClassVar[tuple[str, ...]] = ()
    audits: ClassVar[tuple[str, ...]] = ()
    explains_with_cluster_size: ClassVar[bool] = False

    @property
    def needs(self) -> tuple[Need, ...]:
        """The columns and sources without which it cannot score."""
        return ()

    @property
    def reclusters(self) -> bool:
        """Whether it clusters again what earlier steps left."""
        return False

    @property
    def on_all_documents(self) -> Self:
        """The step for documents of which none is dropped: what they came with is not made anew."""
        return self

    @property
    def names_kept_witnesses(self) -> bool:
        """Whether a dropped witness is replaced by the kept one that it leads to."""
        return False

    @property
    def keeps_side(self) -> DistanceSide | None:
        """Which side of the distance to the centroid it keeps, if it goes by that."""
        return None

    @abstractmethod
    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        """Score n documents; documents with higher scores are kept first.

        Parameters
        ----------
        request : what counts, what earlier steps left, and what is to be kept
        """

    def passes_default_threshold(self, scores: Scores) -> NDArray[np.bool_] | None:
        """Return what the method's default threshold keeps: bool[n]; None if it has none."""
        return None

    def warning(self, audits: Mapping[str, Facts | None]) -> str:
        """Return the warning that the lake's audits give about the method; empty if there is none.

        Parameters
        ----------
        audits : the facts of each table of `audits`; None where it was not made yet

        Raises
        ------
        SettingError : the step is set to refuse in that case.
        """
        return ""

    def count_uncovered(self, documents: Documents, cut: Cut, number: int, *, by_target: bool) -> int | None:
        """Count what it dropped as duplicates that no kept document is near to; None if this does not apply.

        Parameters
        ----------
        cut : what the recipe did
        number : of this step in it
        by_target : whether the recipe's target decided about this step
        """
        return None

    @abstractmethod
    def explain_kept(self, facts: ExplanationInputs) -> str:
        """Explain why the document was kept, for the last step of a recipe."""

    @abstractmethod
    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Explain why the step dropped the document."""


class StepMethod(StepDefaults, Protocol):
    """A step of a recipe, as everything outside its file sees it: a frozen dataclass of its settings."""

    @property
    def method(self) -> str:
        """The name of the method, the same for all its settings."""
        ...

    @property
    def keep_fraction(self) -> float | None:
        """What the step keeps of all documents, tokens or bytes where it is not the last; None: its limit."""
        ...


class Filter(StepDefaults, Protocol):
    """A method that goes by a limit of its own, and never by a share to keep."""

    @property
    def keep_fraction(self) -> None:
        """None: it goes by its limit."""
        return None

    def explain_kept(self, facts: ExplanationInputs) -> str:
        """Explain that no filter dropped the document."""
        return "it passed every filter"


def names_of(steps: Sequence[StepMethod]) -> tuple[str, ...]:
    """Name steps by their methods; of several of a method the second is -2, and so on.

    Examples
    --------
    >>> from guyot.prune.exact import Exact
    >>> from guyot.prune.random import Random
    >>> names_of((Exact(), Random(), Random()))
    ('exact', 'random', 'random-2')
    """
    names: list[str] = []
    for place, step in enumerate(steps):
        earlier = sum(other.method == step.method for other in steps[:place])
        names.append(f"{step.method}-{earlier + 1}" if earlier else step.method)
    return tuple(names)

"""The control: documents drawn at random. No method is worth its cost that does not beat this one."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.cut import PruneRequest, Scores
from guyot.documents import Documents
from guyot.prune.explanation import ExplanationInputs, number
from guyot.prune.step import StepDefaults
from guyot.seeds import uniforms_of_bits


@dataclass(frozen=True)
class Random(StepDefaults):
    """Keep documents at random. A document's number depends on its doc_id and the seed alone.

    As a step before the last it keeps `keep_fraction`.
    """

    method: Literal["random"] = "random"
    seed: int = 0
    keep_fraction: float | None = None

    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        """Draw a score for each document."""
        return random_scores(documents.id_bits, self)

    def explain_kept(self, facts: ExplanationInputs) -> str:
        """Put its number beside the lowest that stayed."""
        return (
            f"its random number is {number(facts.score)}; the lowest that stayed is {number(facts.threshold)}"
        )

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Put its number beside the lowest that stayed."""
        return self.explain_kept(facts)


def random_scores(id_bits: NDArray[np.uint64], step: Random) -> Scores:
    """Draw a score for each document.

    Parameters
    ----------
    id_bits : uint64[n], the first 64 bits of each doc_id

    Returns
    -------
    Scores in [0, 1), without witnesses.

    Notes
    -----
    O(n). Documents keep their number when others come and go, so mixtures of a growing lake overlap.

    Examples
    --------
    >>> random_scores(np.array([1, 2], np.uint64), Random()).reason
    'random'
    """
    return Scores(uniforms_of_bits(step.seed, "random", id_bits), "random")

"""Near-duplicates by shared shingles (MinHash): of each family of linked documents the first is kept.

Two documents are linked if the Jaccard similarity of their shingles is high enough. What is stored are
pairs with their exact similarity that connect each family at the lake's floor, not every pair of it;
families at any threshold above it are a query.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from guyot.columns import MINHASH_PAIRS, MinHashPairs, Need
from guyot.cut import NO_WITNESS, RANDOM, PruneRequest, Scores
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.prune.explanation import ExplanationInputs, at_random
from guyot.prune.near_duplicates.living_pairs import living_pairs
from guyot.prune.near_duplicates.maxima import NEVER
from guyot.prune.near_duplicates.single_linkage import single_linkage
from guyot.prune.step import StepDefaults


@dataclass(frozen=True)
class MinHash(StepDefaults):
    """Drop documents that are linked to an earlier one, by doc_id, at this Jaccard similarity or above.

    Linked are documents of at least this similarity, directly or by way of others. As the last step of a
    recipe with a target, and with a `keep_fraction`, the most tightly linked go first.
    """

    method: Literal["minhash"] = "minhash"
    jaccard: float = 0.8
    keep_fraction: float | None = None

    tables: ClassVar[tuple[str, ...]] = ("minhash_scores",)

    @property
    def needs(self) -> tuple[Need, ...]:
        """Pairs of likely duplicates."""
        return (MINHASH_PAIRS,)

    @property
    def names_kept_witnesses(self) -> bool:
        """A witness leads to the first document of its family, which stays."""
        return True

    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        """Score documents by how loosely they are linked to earlier ones."""
        return minhash_scores(documents.require(MINHASH_PAIRS, of="step minhash"), request, self)

    def passes_default_threshold(self, scores: Scores) -> NDArray[np.bool_]:
        """Keep documents whose links are below the similarity; bool[n]."""
        return scores.values > 1 - self.jaccard

    def explain_kept(self, facts: ExplanationInputs) -> str:
        """Put the similarity that links it beside the limit."""
        if facts.score == NEVER:
            return _unlinked(facts)
        return (
            "the pair that links it to a document before it has a Jaccard similarity of "
            f"{facts.similarity}; those above {facts.similarity_limit} went"
        )

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Name the document that it is linked to, and by how much."""
        if facts.reason == RANDOM:
            return at_random(_unlinked(facts))
        return (
            f"shared shingles link it to {facts.witness}, which {facts.witness_fate}; the pair that joined "
            f"them has a Jaccard similarity of {facts.similarity}, and those of {facts.similarity_limit} or "
            "above count"
        )


def _unlinked(facts: ExplanationInputs) -> str:
    """Explain that nothing links it to an earlier document."""
    if facts.threshold is None:
        return "no document before it that reached this step is linked to it"
    return f"no pair of Jaccard similarity {facts.similarity_limit} or above links it to a document before it"


def minhash_scores(pairs: MinHashPairs, request: PruneRequest, step: MinHash) -> Scores:
    """Score documents by how loosely they are linked to earlier ones.

    Parameters
    ----------
    pairs : of n documents, at or above the floor of the lake

    Returns
    -------
    Scores: 1 minus the similarity of the pair that links the document's family to one with an earlier
    document, and 2 where none does. The witness is that earlier document. The limit is that of the step's
    similarity, or where a target decides that of the lake's floor.

    Raises
    ------
    SettingError : the step's similarity is below the floor.

    Notes
    -----
    O(p log p), and a search where the pairs have one. Only documents that earlier steps left are linked;
    see `living_pairs`.

    Examples
    --------
    >>> pairs = MinHashPairs(np.array([0]), np.array([1]), np.array([0.75]), 0.5)
    >>> both = PruneRequest(np.ones(2, np.int64), np.ones(2, bool), None)
    >>> minhash_scores(pairs, both, MinHash(jaccard=0.6)).values.tolist()
    [2.0, 0.25]
    """
    if step.jaccard < pairs.floor:
        raise SettingError(
            f"minhash was asked for a Jaccard similarity of {step.jaccard}; the lake holds pairs from "
            f"{pairs.floor} up; raise the step's, or lower the setting minhash.jaccard"
        )
    left = living_pairs(pairs, request.alive)
    later, earlier = np.maximum(left.one, left.other), np.minimum(left.one, left.other)
    found = single_linkage(len(request.alive), later, earlier, left.jaccard)
    values = np.subtract(1, found.height, out=found.height)
    values[found.witness == NO_WITNESS] = NEVER
    limit = 1 - (step.jaccard if request.target is None else pairs.floor)
    return Scores(values, "shared_shingles", found.witness, limit=limit)

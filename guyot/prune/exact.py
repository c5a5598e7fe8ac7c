"""Byte-for-byte copies: the first document of each content stays."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.columns import CONTENT_DIGEST, Need
from guyot.cut import NO_WITNESS, RANDOM, PruneRequest, Scores
from guyot.documents import Documents
from guyot.prune.explanation import ExplanationInputs, at_random
from guyot.prune.step import Filter

ORIGINAL, COPY = 1.0, 0.0
_NO_COPY = "no document before it that reached this step has the same bytes"


@dataclass(frozen=True)
class Exact(Filter):
    """Drop copies of equal content first; where there are too few, the target falls on doc_ids."""

    method: Literal["exact"] = "exact"

    @property
    def needs(self) -> tuple[Need, ...]:
        """A digest of the content."""
        return (CONTENT_DIGEST,)

    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        """Score copies 0 and originals 1."""
        return exact_scores(documents.require(CONTENT_DIGEST, of="step exact"), request.alive)

    def passes_default_threshold(self, scores: Scores) -> NDArray[np.bool_]:
        """Keep all documents but exact copies; bool[n]."""
        return scores.values > COPY

    def explain_kept(self, facts: ExplanationInputs) -> str:
        """Explain whether it is a copy that the target kept."""
        if facts.score == COPY:
            return (
                "a document before it has the same bytes; the target asked for fewer than all copies to "
                "go, so it stays"
            )
        return _NO_COPY

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Name the original."""
        if facts.reason == RANDOM:
            return at_random(_NO_COPY)
        return f"it is a byte for byte copy of {facts.witness}"


def exact_scores(content_digest: NDArray[np.bytes_], alive: NDArray[np.bool_]) -> Scores:
    """Score copies 0 and originals 1.

    Parameters
    ----------
    content_digest : bytes, S32[n]
    alive : bool[n], the documents that earlier steps have left

    Returns
    -------
    Scores; a copy's witness is the lowest living row of the same content. A document that goes although
    it is no copy, since the target asked for more than there are copies, goes at random, without one.

    Notes
    -----
    O(n log n). Differs from a plain deduplication in meeting a target: doc_ids are hashes, so what
    is dropped beyond the copies is a draw at random.

    Examples
    --------
    >>> scores = exact_scores(np.array([b"x", b"y", b"x"]), np.ones(3, bool))
    >>> scores.values.tolist(), scores.witness.tolist()
    ([1.0, 1.0, 0.0], [-1, -1, 0])
    """
    rows = np.flatnonzero(alive)
    witness = np.full(len(content_digest), NO_WITNESS, np.int64)
    _, first, which = np.unique(content_digest[rows], return_index=True, return_inverse=True)
    original = rows[first[which]] if len(rows) else rows
    witness[rows] = np.where(original != rows, original, NO_WITNESS)
    return Scores(np.where(witness != NO_WITNESS, COPY, ORIGINAL), "copy", witness)

"""Byte-for-byte copies: the first document of each content stays."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.columns import CONTENT_DIGEST, Need
from guyot.cut import NO_WITNESS, RANDOM, PruneRequest, Scores
from guyot.documents import Documents
from guyot.memo import mask_key
from guyot.narrow import Rows, row_type
from guyot.prune.explanation import ExplanationInputs, at_random
from guyot.prune.step import Filter

ORIGINAL, COPY = 1.0, 0.0
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, its bits without a pattern
IMAGE = "image"  # the kind of images
_NO_COPY = "no document before it that reached this step has the same {same}"


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
        digest = documents.require(CONTENT_DIGEST, of="step exact")
        key = ("exact", mask_key(request.alive))
        return _scores(documents.memo.once(key, lambda: _originals(digest, request.alive)))

    def passes_default_threshold(self, scores: Scores) -> NDArray[np.bool_]:
        """Keep all documents but exact copies; bool[n]."""
        return scores.values > COPY

    def explain_kept(self, facts: ExplanationInputs) -> str:
        """Explain whether it is a copy that the target kept."""
        if facts.score == COPY:
            return (
                f"a document before it has the same {_same(facts)}; the target asked for fewer than all "
                "copies to go, so it stays"
            )
        return _NO_COPY.format(same=_same(facts))

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Name the original."""
        if facts.reason == RANDOM:
            return at_random(_NO_COPY.format(same=_same(facts)))
        return f"it is a {_same(facts)[:-1]} for {_same(facts)[:-1]} copy of {facts.witness}"


def _same(facts: ExplanationInputs) -> str:
    """Return what copies have in common: images are compared by their pixels, whatever their encoding."""
    return "pixels" if facts.kind == IMAGE else "bytes"


def exact_scores(content_digest: NDArray[np.bytes_], alive: NDArray[np.bool_]) -> Scores:
    """Score copies 0 and originals 1.

    Parameters
    ----------
    content_digest : bytes, S[n] of any width
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
    return _scores(_originals(content_digest, alive))


def _scores(original: Rows) -> Scores:
    """Score documents by the original of each, -1 where it is none's copy."""
    return Scores(np.where(original != NO_WITNESS, COPY, ORIGINAL), "copy", original)


def _originals(content_digest: NDArray[np.bytes_], alive: NDArray[np.bool_]) -> Rows:
    """Find the lowest living row of the same content, for copies that are alive; -1 for all others."""
    narrow = row_type(len(alive))
    witness = np.full(len(alive), NO_WITNESS, narrow)
    rows = None if alive.all() else np.flatnonzero(alive).astype(narrow)
    first = first_of_equals(content_digest if rows is None else content_digest[rows])
    copies = np.flatnonzero(first != np.arange(len(first), dtype=narrow))
    one, other = copies, first[copies]
    witness[one if rows is None else rows[one]] = other if rows is None else rows[other]
    return witness


def first_of_equals(values: NDArray[np.bytes_]) -> Rows:
    """Return the place of the first value that equals each.

    Parameters
    ----------
    values : bytes, S[n] of any width

    Returns
    -------
    int32[n], or of 2^31 values and more int64[n]

    Notes
    -----
    O(n log n), by a sort of 64 bits of each; where these are equal for different values, of all bytes.

    Examples
    --------
    >>> first_of_equals(np.array([b"x", b"y", b"x"])).tolist()
    [0, 1, 0]
    """
    mixed, narrow = _mixed(values), row_type(len(values))
    order = np.argsort(mixed, kind="stable").astype(narrow)
    begins = np.ones(len(values), np.bool_)
    mixed = mixed[order]
    begins[1:] = mixed[1:] != mixed[:-1]
    del mixed
    within = np.flatnonzero(~begins)
    if (values[order[within]] != values[order[within - 1]]).any():
        _, first, which = np.unique(values, return_index=True, return_inverse=True)
        return first[which].astype(narrow)
    found = np.empty(len(values), narrow)
    begin = np.flatnonzero(begins)
    found[order] = np.repeat(order[begin], np.diff(np.append(begin, len(values))))
    return found


def _mixed(values: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """Mix each value's bytes into 64 bits: a polynomial over its words."""
    width = max(1, -(-values.dtype.itemsize // 8))
    words = (
        np.ascontiguousarray(values.astype(f"S{8 * width}", copy=False)).view(np.uint64).reshape(-1, width)
    )
    mixed = np.zeros(len(values), np.uint64)
    for column in range(width):
        mixed *= _MULTIPLIER
        mixed += words[:, column]
    return mixed

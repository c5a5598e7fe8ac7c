"""Copies of evaluation records: what a model is to be measured on, it must not be trained on."""

from dataclasses import dataclass
from math import floor
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from guyot.columns import Need, Source
from guyot.cut import NO_WITNESS, RANDOM, PruneRequest, Scores
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.prune.explanation import HELD_OUT, ExplanationInputs, at_random
from guyot.prune.near_duplicates.maxima import NEVER
from guyot.prune.step import Filter

CONTAMINATED, REWORDED = "contaminated", "reworded"
# of an evaluation set, by each measure: text that all have makes no n squared pairs
RECORDS_PER_DOCUMENT = 16
NEAR_JACCARD = 0.8  # from here on a document is a copy of the whole record
_ROUNDING = 1e-9


@dataclass(frozen=True)
class EvaluationPairs:
    """Pairs of documents and evaluation records that share words or are near by their vectors.

    document, record : int64[p], rows of n documents, and numbers of m records
    overlap : float64[p], the share of the record's distinct word n-grams that the document holds
    jaccard : float64[p], of the two sets of n-grams
    cosine : float32[p]
    records : [m], what names each record: in the lake its doc_id, S32
    set_of : int16[m], the number of each record's evaluation set
    sets : names of the evaluation sets
    min_overlap, min_cosine : pairs below both were not looked for
    """

    document: NDArray[np.int64]
    record: NDArray[np.int64]
    overlap: NDArray[np.float64]
    jaccard: NDArray[np.float64]
    cosine: NDArray[np.float32]
    records: NDArray[Any]
    set_of: NDArray[np.int16]
    sets: tuple[str, ...]
    min_overlap: float
    min_cosine: float


EVALUATION_PAIRS = Source(
    "evaluation_pairs", EvaluationPairs, "documents that share words with evaluation records",
    "contamination_scores of the same snapshot, or Corpus.from_texts(..., evaluation=texts)",
)  # fmt: skip


@dataclass(frozen=True)
class Decontaminate(Filter):
    """Drop documents that hold at least this share of an evaluation record's word n-grams.

    `max_cosine` : those whose cosine to a record reaches it go too, as reworded; None: words alone count.
    `common_documents` : a held-out document that more than so many documents hold enough of is text that all
    have, such as a licence, and counts only for documents near to it as a whole, of a Jaccard similarity of
    0.8 or above; None: it counts for all. Records of other evaluation sets always count for all.
    `evaluation_sets` : the records of these alone, such as `held_out`, the lake's own held-out documents; by
    default all.

    Raises
    ------
    SettingError : a share or cosine out of range.

    Notes
    -----
    Known are, of each document and set, the 16 records that it holds most of: a record that only
    documents with 16 stronger ones hold is not found. The witness of a document is the evaluation record
    that it holds most of: the row n + r for record r of n documents. Brown et al. 2020, appendix C, cut
    200 characters around each shared 13-gram out of a document; here a document goes whole or stays, and
    one shared n-gram is not enough. They also ignored n-grams that more than 10 documents share, in every
    set; a benchmark that leaked is in more than 10 easily, so here only what is held out of the same
    corpus has such a limit.
    """

    method: Literal["decontaminate"] = "decontaminate"
    min_overlap: float = 0.5
    max_cosine: float | None = None
    common_documents: int | None = 10
    evaluation_sets: tuple[str, ...] = ()

    tables: ClassVar[tuple[str, ...]] = ("contamination_scores",)

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        for name, value in (("min_overlap", self.min_overlap), ("max_cosine", self.max_cosine)):
            if value is not None and not 0 < value <= 1:
                raise SettingError(f"decontaminate has {name}={value}; choose above 0, at most 1")
        if self.common_documents is not None and self.common_documents < 1:
            raise SettingError(
                f"decontaminate has common_documents={self.common_documents}; choose 1 or more, or None"
            )

    @property
    def needs(self) -> tuple[Need, ...]:
        """Pairs of documents and evaluation records."""
        return (EVALUATION_PAIRS,)

    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        """Score documents by how little they hold of an evaluation record."""
        pairs = documents.require(EVALUATION_PAIRS, of="step decontaminate")
        return decontaminate_scores(pairs, request, self)

    def passes_default_threshold(self, scores: Scores) -> NDArray[np.bool_]:
        """Keep documents without a record that they are a copy of; bool[n]."""
        return (
            np.ones(len(scores.values), np.bool_) if scores.witness is None else scores.witness == NO_WITNESS
        )

    def explain_kept(self, facts: ExplanationInputs) -> str:
        """Put what it holds of a record beside the limit."""
        if facts.score is None or facts.score == NEVER:
            return self._has_none()
        return (
            f"of no evaluation record it holds more than {_percent(facts.score)} of the word n-grams; "
            f"documents that hold {self.min_overlap:.0%} or more go"
        )

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Name the evaluation record, and how much of it the document holds."""
        if facts.reason == RANDOM:
            return at_random(self._has_none())
        if facts.reason == REWORDED:
            return (
                f"its cosine to {facts.witness}, which is for evaluation, is {facts.similarity}; "
                f"documents of {self.max_cosine} or more go"
            )
        return (
            f"it holds {_percent(facts.score)} of the word n-grams of {facts.witness}, which is for "
            f"evaluation; documents that hold {self.min_overlap:.0%} or more go"
        )

    def _has_none(self) -> str:
        """Explain that it is no copy."""
        of = f" of {', '.join(self.evaluation_sets)}" if self.evaluation_sets else ""
        but = ""
        if self.common_documents is not None and HELD_OUT in (self.evaluation_sets or (HELD_OUT,)):
            but = f", but for text that more than {self.common_documents} documents share"
        share = f"less than {self.min_overlap:.0%} of the word n-grams"
        return f"it holds {share} of every evaluation record{of}{but}"


def decontaminate_scores(pairs: EvaluationPairs, request: PruneRequest, step: Decontaminate) -> Scores:
    """Score documents by how little they hold of an evaluation record.

    Returns
    -------
    Scores: 1 minus the share of the n-grams of the record that the document holds most of, and 2 where there
    is no pair; of a reworded one 1 minus the cosine. The witness is n + r for the record r because of which
    the document goes; of equal ones that of the higher Jaccard similarity, then the first. The limit is that
    of the step, or where a target decides the floor of the pairs.

    Raises
    ------
    SettingError : a limit below the floor of the pairs, or an evaluation set that there is not.

    Notes
    -----
    O(p log p). A record counts whatever earlier steps left: it is no document that could go.

    Examples
    --------
    >>> pairs = EvaluationPairs(np.array([1]), np.array([0]), np.array([0.75]), np.array([0.5]),
    ...     np.array([0.9], np.float32), np.array([b"r"]), np.zeros(1, np.int16), ("held_out",), 0.5, 0.95)
    >>> both = PruneRequest(np.ones(2, np.int64), np.ones(2, bool), None)
    >>> scores = decontaminate_scores(pairs, both, Decontaminate())
    >>> scores.values.tolist(), scores.witness.tolist()
    ([2.0, 0.25], [-1, 2])
    """
    _require_limits(pairs, step)
    unknown = [name for name in step.evaluation_sets if name not in pairs.sets]
    if unknown:
        raise SettingError(
            f"decontaminate was asked for the evaluation sets {', '.join(unknown)}; there are "
            f"{', '.join(pairs.sets) or 'none'}; add their files to the setting contamination.files"
        )
    n_documents = len(request.alive)
    min_overlap = step.min_overlap if request.target is None else pairs.min_overlap
    is_wanted = np.array(
        [not step.evaluation_sets or name in step.evaluation_sets for name in pairs.sets], bool
    )
    chosen = np.flatnonzero(is_wanted[pairs.set_of[pairs.record]]) if len(pairs.record) else pairs.record
    by_words = _without_common(pairs, chosen[pairs.overlap[chosen] >= pairs.min_overlap], min_overlap, step)
    document, at = _first_of_each(pairs, by_words, pairs.overlap)
    values, witness = np.full(n_documents, NEVER, np.float64), np.full(n_documents, NO_WITNESS, np.int64)
    limit, reworded = np.full(n_documents, 1 - min_overlap), np.zeros(n_documents, np.bool_)
    values[document] = 1 - pairs.overlap[at]
    holds = pairs.overlap[at] >= min_overlap
    witness[document[holds]] = n_documents + pairs.record[at[holds]]
    if step.max_cosine is not None:
        near = chosen[pairs.cosine[chosen] >= np.float32(step.max_cosine)]
        document, at = _first_of_each(pairs, near, pairs.cosine)
        other = witness[document] == NO_WITNESS
        document, at = document[other], at[other]
        values[document], reworded[document] = 1 - pairs.cosine[at].astype(np.float64), True
        witness[document], limit[document] = n_documents + pairs.record[at], 1 - step.max_cosine
    return Scores(values, CONTAMINATED, witness, other_reason=REWORDED, other=reworded, limit=limit)


def _without_common(
    pairs: EvaluationPairs, some: NDArray[np.int64], min_overlap: float, step: Decontaminate
) -> NDArray[np.int64]:
    """Leave out pairs with a held-out document that very many hold, but for near copies of it."""
    if step.common_documents is None or HELD_OUT not in pairs.sets:
        return some
    in_part = pairs.jaccard[some] < NEAR_JACCARD
    in_part &= pairs.set_of[pairs.record[some]] == pairs.sets.index(HELD_OUT)
    counted = pairs.record[some[in_part & (pairs.overlap[some] >= min_overlap)]]
    is_common = np.bincount(counted, minlength=len(pairs.set_of)) > step.common_documents
    return some[~(in_part & is_common[pairs.record[some]])]


def _require_limits(pairs: EvaluationPairs, step: Decontaminate) -> None:
    """Refuse limits below the floors of the pairs."""
    limits = (("min_overlap", step.min_overlap, pairs.min_overlap),
              ("max_cosine", step.max_cosine, pairs.min_cosine))  # fmt: skip
    for name, value, least in limits:
        if value is not None and value < least:
            raise SettingError(
                f"decontaminate was asked for {name}={value}; pairs are known from {least} up; raise the "
                f"step's, or lower the setting contamination.{name.replace('max', 'min')}"
            )


def _first_of_each(
    pairs: EvaluationPairs, some: NDArray[np.int64], measure: NDArray[np.floating]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the documents of some pairs, each once, and the strongest pair of each."""
    keys = (pairs.record[some], -pairs.jaccard[some], -measure[some], pairs.document[some])
    ranked = some[np.lexsort(keys)]
    document, first = np.unique(pairs.document[ranked], return_index=True)
    return document, ranked[first]


def _percent(score: float | None) -> str:
    """Write the share of a record that a score means; nothing but all of it is 100%."""
    return f"{floor(100 * (1 - (score or 0)) + _ROUNDING)}%"

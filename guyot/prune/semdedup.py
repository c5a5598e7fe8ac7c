"""Near-duplicates by embedding (SemDeDup): a document is dropped if an earlier-ranked one is too similar.

What is stored per document is its highest similarity to any earlier one, and which one that was; any
threshold or target is then a query. The authors' mode is `official`, where a dropped document's witness may
itself be dropped; two other modes compare all pairs of each list again. The algorithms are in
`guyot.prune.near_duplicates`.
"""

from dataclasses import dataclass
from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from guyot.columns import COMPARISON_LISTS, DISTANCE, MAX_SIMILARITY, WITNESS, Need
from guyot.cut import NO_WITNESS, RANDOM, Cut, PruneRequest, Scores, take
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.memo import mask_key
from guyot.narrow import Rows
from guyot.prune.explanation import ExplanationInputs, at_random
from guyot.prune.near_duplicates.greedy_cover import covering_limit, greedy_cover, nearest_kept
from guyot.prune.near_duplicates.living_maxima import maxima_among
from guyot.prune.near_duplicates.maxima import (
    NEVER,
    NearestPredecessors,
    rank,
    scores_by_row,
    semdedup_scores,
)
from guyot.prune.near_duplicates.shared_pairs import likely_pairs, shared_pairs
from guyot.prune.near_duplicates.single_linkage import single_linkage
from guyot.prune.near_duplicates.uncovered import count_uncovered, count_without_pair, in_doubt
from guyot.prune.ordering import inverse
from guyot.prune.step import StepDefaults
from guyot.vectors.exact import ComparisonLists

_WIDER = 1.5  # of a search for a limit, in cosine distance


@dataclass(frozen=True)
class SemDeDup(StepDefaults):
    """Drop near-duplicates, down to a share of all documents, or by a limit of its own.

    `duplicate_distance`, the paper's epsilon: documents nearer than this cosine distance are duplicates.
    The `mode` decides which of them is dropped: `official` one with an earlier-ranked duplicate, whether
    that is kept or not; `greedy_cover` one with an earlier kept duplicate; `components` all but the earliest
    of those that duplicates link, directly or by way of others.
    """

    method: Literal["semdedup"] = "semdedup"
    mode: Literal["official", "greedy_cover", "components"] = "official"
    keep_fraction: float | None = None
    duplicate_distance: float | None = None

    def __post_init__(self) -> None:
        """Refuse two limits, or one that has no meaning."""
        if self.duplicate_distance is not None and (
            self.keep_fraction is not None or not 0 <= self.duplicate_distance <= 2
        ):
            raise SettingError(
                f"semdedup has duplicate_distance={self.duplicate_distance} and keep_fraction="
                f"{self.keep_fraction}; give one of them, a distance from 0 to 2"
            )

    @property
    def needs(self) -> tuple[Need, ...]:
        """The distance that ranks, the highest similarities, and lists for modes that look at pairs."""
        ranked = (DISTANCE, MAX_SIMILARITY, WITNESS)
        return ranked if self.mode == "official" else (*ranked, COMPARISON_LISTS)

    @property
    def names_kept_witnesses(self) -> bool:
        """In the mode components a witness leads to the representative of its family."""
        return self.mode == "components"

    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        """Score documents by how unlike others that count they are; see `near_duplicate_scores`."""
        return near_duplicate_scores(documents, request, self)

    def passes_default_threshold(self, scores: Scores) -> NDArray[np.bool_] | None:
        """Keep documents that are no nearer than `duplicate_distance`; bool[n]."""
        return None if self.duplicate_distance is None else scores.values >= self.duplicate_distance

    def count_uncovered(self, documents: Documents, cut: Cut, number: int, *, by_target: bool) -> int:
        """Count what it dropped as a duplicate that no document of the mixture is near to."""
        dropped = (cut.step == number) & (cut.witness != NO_WITNESS)
        limit = None if by_target else self.duplicate_distance
        if limit is None:
            thresholds = cut.threshold[dropped]
            limit = float(np.where(np.isnan(thresholds), NEVER, thresholds).min(initial=np.inf))
        near, official = self.mode != "components", self.mode == "official"
        doubtful = in_doubt(dropped, cut.kept, cut.witness, witness_is_near=near)
        compared, place = documents.require(COMPARISON_LISTS, of="step semdedup"), _visiting_places(documents)
        pairs = likely_pairs(documents, place, 1 - limit) if doubtful.any() else None
        if pairs is not None:
            return count_without_pair(pairs, place, doubtful, cut.kept, 1 - limit)
        how = {"witness_is_near": near, "is_earlier": official}
        return count_uncovered(compared, doubtful, cut.kept, cut.witness, 1 - limit, **how)

    def explain_kept(self, facts: ExplanationInputs) -> str:
        """Explain how near it is to the document that it was compared with."""
        if facts.score == NEVER:
            return self._has_none(facts)
        similarity = f"{facts.similarity}; those above {facts.similarity_limit} went"
        match self.mode:
            case "official":
                return f"its highest cosine to a document that ranks before it is {similarity}"
            case "greedy_cover":
                return f"its highest cosine to a kept document that ranks before it is {similarity}"
            case "components":
                return f"the pair that links it to a document that ranks before it has cosine {similarity}"
            case _:
                assert_never(self.mode)

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Name the document that it is near to, and how near."""
        if facts.reason == RANDOM:
            return at_random(self._has_none(facts))
        if self.mode == "components":
            return (
                f"near-duplicates link it to {facts.witness}, which {facts.witness_fate}; the pair that "
                f"joined them has cosine {facts.similarity}, and those above {facts.similarity_limit} count"
            )
        return (
            f"its cosine to {facts.witness}, which ranks before it and {facts.witness_fate}, is "
            f"{facts.similarity}; documents above {facts.similarity_limit} went"
        )

    def _has_none(self, facts: ExplanationInputs) -> str:
        """Explain that no earlier document is a duplicate of it."""
        if self.mode == "official" or facts.threshold is None:
            return "no document that it was compared with ranks before it"
        limit = f"a cosine above {facts.similarity_limit}"
        if self.mode == "greedy_cover":
            return f"no kept document that ranks before it has {limit} to it"
        return f"no pair with {limit} links it to a document that ranks before it"


def near_duplicate_scores(documents: Documents, request: PruneRequest, step: SemDeDup) -> Scores:
    """Score documents by how unlike others that count they are.

    Parameters
    ----------
    documents : n documents

    Returns
    -------
    Scores: 1 - cosine, and 2 where there is none to compare with. The cosine is to the nearest earlier
    living document (official), to the nearest earlier kept one (greedy_cover), or of the pair that joins
    the document's family to one with an earlier representative (components). The limit is the step's
    `duplicate_distance`; where a target decides, 1 - the cosine above which pairs were looked at.

    Notes
    -----
    O(n) from what is stored, plus all pairs with the documents whose witness an earlier step dropped; the
    other modes compare the documents again that have a predecessor above their limit, and hold those pairs.
    """
    match step.mode:
        case "official":
            maxima = _living_maxima(documents, request.alive)
            return semdedup_scores(maxima.similarity, maxima.witness, _score_limit(request, step, -1.0))
        case "greedy_cover":
            return _cover_scores(documents, request, step)
        case "components":
            return _family_scores(documents, request, step)
        case _:
            assert_never(step.mode)


def _visiting_places(documents: Documents) -> Rows:
    """Return each document's place in the visiting order: int32[n], or of 2^31 and more int64[n]."""
    return documents.memo.once("visiting_places", lambda: inverse(rank(documents.require(DISTANCE))))


def _living_maxima(documents: Documents, alive: NDArray[np.bool_]) -> NearestPredecessors:
    """Find, for each living document, the nearest earlier one among the living."""
    stored = NearestPredecessors(documents.require(MAX_SIMILARITY), documents.require(WITNESS))
    if alive.all():
        return stored

    def compared() -> ComparisonLists:
        return documents.require(COMPARISON_LISTS, of="step semdedup")

    return documents.memo.once(
        ("maxima_among", mask_key(alive)),
        lambda: maxima_among(stored, compared, alive, _visiting_places(documents)),
    )


def _limit(documents: Documents, request: PruneRequest, step: SemDeDup) -> float:
    """Return the cosine above which the official mode drops."""
    if request.target is None and step.duplicate_distance is not None:
        return 1 - step.duplicate_distance
    maxima = _living_maxima(documents, request.alive)
    kept = take(
        semdedup_scores(maxima.similarity, maxima.witness),
        request.weights,
        request.alive,
        request.to_keep("semdedup"),
    )
    dropped = maxima.similarity[request.alive & ~kept]
    # where the target reaches documents without an earlier one, all pairs count
    lowest = -1.0 if np.isnan(dropped).any() else float(dropped.min(initial=np.float32(1)))
    return float(np.nextafter(np.float32(lowest), np.float32(-np.inf)))


def _family_scores(documents: Documents, request: PruneRequest, step: SemDeDup) -> Scores:
    """Score by the pair that joins a family to one with an earlier representative.

    Families drop all that the official mode does, and more: its limit has all the pairs that are needed.
    """
    limit, place = _limit(documents, request, step), _visiting_places(documents)
    pairs = shared_pairs(documents, place, request.alive, limit)
    found = single_linkage(len(place), pairs.later, pairs.earlier, pairs.cosine)
    return scores_by_row(place, found.height, found.witness, _score_limit(request, step, limit))


def _cover_scores(documents: Documents, request: PruneRequest, step: SemDeDup) -> Scores:
    """Score by the nearest earlier kept document, at the limit whose cover the target asks for.

    A cover drops less than the official mode does at a limit, so the search goes on below its limit.
    """
    limit, place = _limit(documents, request, step), _visiting_places(documents)
    weights = np.zeros(0, np.int64)
    if request.target is not None:
        weights = np.zeros(len(place), np.int64)
        weights[place[request.alive]] = request.weights[request.alive]
    while True:
        pairs = shared_pairs(documents, place, request.alive, limit)
        found: float | None = limit
        if request.target is not None:
            found = covering_limit(len(place), pairs, weights, request.target)
        if found is not None or limit <= -1:
            break
        limit = max(-1.0, 1 - max(1e-6, 1 - limit) * _WIDER)
    limit = limit if found is None else max(limit, found)  # no pair is at or below the search's limit
    kept = greedy_cover(len(place), pairs.subset(pairs.cosine > limit))
    witness, cosine = nearest_kept(len(place), pairs, kept)
    return scores_by_row(place, cosine, witness, _score_limit(request, step, limit))


def _score_limit(request: PruneRequest, step: SemDeDup, cosine: float) -> float:
    """Return the limit on the scale of the scores; nan where every cosine is above it."""
    if request.target is None and step.duplicate_distance is not None:
        return step.duplicate_distance
    return 1 - cosine if cosine > -1 else np.nan

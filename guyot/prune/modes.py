"""SemDeDup among the documents that earlier steps left, in each of its modes.

Stored maxima are over all documents. Where a witness has been dropped by an earlier step, the nearest
earlier document among the living is sought again, so that a step does what it would do had the dropped
never been there.
"""

from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS, Asked, Scores, take
from guyot.documents import Documents, there
from guyot.prune.near_duplicates.greedy_cover import covering_limit, greedy_cover, nearest_kept
from guyot.prune.near_duplicates.incremental_maxima import updated_maxima
from guyot.prune.near_duplicates.pairs import pairs_above
from guyot.prune.near_duplicates.single_linkage import single_linkage
from guyot.prune.semdedup import NEVER, NearestPredecessors, SemDeDup, rank, semdedup_scores

_WIDER = 1.5  # of a search for a limit, in cosine distance


def near_duplicate_scores(documents: Documents, asked: Asked, step: SemDeDup) -> Scores:
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
    other modes compare all pairs of each list again, and hold those above their limit.
    """
    place = np.empty(len(documents), np.int64)
    place[rank(documents.distance)] = np.arange(len(documents))
    maxima = maxima_among(documents, asked.alive, place)
    match step.mode:
        case "official":
            return semdedup_scores(maxima.similarity, maxima.witness, _score_limit(asked, step, -1.0))
        case "greedy_cover":
            return _cover_scores(documents, asked, step, place, maxima)
        case "components":
            return _family_scores(documents, asked, step, place, maxima)
        case _:
            assert_never(step.mode)


def maxima_among(
    documents: Documents, alive: NDArray[np.bool_], place: NDArray[np.int64]
) -> NearestPredecessors:
    """Find, for each living document, the nearest earlier one among the living.

    Parameters
    ----------
    alive : bool[n]
    place : int64[n], each document's place in the visiting order

    Returns
    -------
    NearestPredecessors over rows; of documents that are not alive nothing is said.
    """
    similarity, witness = documents.max_similarity.copy(), documents.witness.copy()
    orphaned = alive & (witness != NO_WITNESS) & ~alive[witness]
    similarity[orphaned], witness[orphaned] = np.nan, NO_WITNESS
    if not orphaned.any():
        return NearestPredecessors(similarity, witness)
    for rows, vectors in there(documents.compared, "compared").lists(orphaned):
        here = alive[rows]
        rows, vectors = rows[here], vectors[here]
        sought = orphaned[rows]
        none = NearestPredecessors(
            np.full(len(rows), np.nan, np.float32), np.full(len(rows), NO_WITNESS, np.int64)
        )
        found = updated_maxima(vectors, [0, len(rows)], none, np.zeros(len(rows), np.bool_), sought)
        sought &= found.witness != NO_WITNESS
        target, value, by = rows[sought], found.similarity[sought], rows[found.witness[sought]]
        had = witness[target]
        better = (had == NO_WITNESS) | (value > similarity[target])
        better |= (value == similarity[target]) & (place[by] < place[had])
        similarity[target[better]], witness[target[better]] = value[better], by[better]
    return NearestPredecessors(similarity, witness)


def _limit(asked: Asked, step: SemDeDup, maxima: NearestPredecessors) -> float:
    """Return the cosine above which the official mode drops."""
    if asked.target is None and step.duplicate_distance is not None:
        return 1 - step.duplicate_distance
    kept = take(
        semdedup_scores(maxima.similarity, maxima.witness),
        asked.weights,
        asked.alive,
        asked.to_keep("semdedup"),
    )
    dropped = maxima.similarity[asked.alive & ~kept]
    # where the target reaches documents without an earlier one, all pairs count
    lowest = -1.0 if np.isnan(dropped).any() else float(dropped.min(initial=np.float32(1)))
    return float(np.nextafter(np.float32(lowest), np.float32(-np.inf)))


def _family_scores(
    documents: Documents, asked: Asked, step: SemDeDup, place: NDArray[np.int64], maxima: NearestPredecessors
) -> Scores:
    """Score by the pair that joins a family to one with an earlier representative.

    Families drop all that the official mode does, and more: its limit has all the pairs that are needed.
    """
    limit = _limit(asked, step, maxima)
    pairs = pairs_above(there(documents.compared, "compared"), place, asked.alive, limit)
    found = single_linkage(len(place), pairs.later, pairs.earlier, pairs.cosine)
    return _by_row(place, found.height, found.witness, _score_limit(asked, step, limit))


def _cover_scores(
    documents: Documents, asked: Asked, step: SemDeDup, place: NDArray[np.int64], maxima: NearestPredecessors
) -> Scores:
    """Score by the nearest earlier kept document, at the limit whose cover the target asks for.

    A cover drops less than the official mode does at a limit, so the search goes on below its limit.
    """
    limit = _limit(asked, step, maxima)
    weights = np.empty(len(place), np.int64)
    weights[place] = np.where(asked.alive, asked.weights, 0)
    while True:
        pairs = pairs_above(there(documents.compared, "compared"), place, asked.alive, limit)
        found: float | None = limit
        if asked.target is not None:
            found = covering_limit(len(place), pairs, weights, asked.target)
        if found is not None or limit <= -1:
            break
        limit = max(-1.0, 1 - max(1e-6, 1 - limit) * _WIDER)
    limit = limit if found is None else max(limit, found)  # no pair is at or below the search's limit
    kept = greedy_cover(len(place), pairs.some(pairs.cosine > limit))
    witness, cosine = nearest_kept(len(place), pairs, kept)
    return _by_row(place, cosine.astype(np.float64), witness, _score_limit(asked, step, limit))


def _score_limit(asked: Asked, step: SemDeDup, cosine: float) -> float:
    """Return the limit on the scale of the scores; nan where every cosine is above it."""
    if asked.target is None and step.duplicate_distance is not None:
        return step.duplicate_distance
    return 1 - cosine if cosine > -1 else np.nan


def _by_row(
    place: NDArray[np.int64], similarity: NDArray[np.float64], witness: NDArray[np.int64], limit: float
) -> Scores:
    """Turn similarities and witnesses by place in the visiting order into scores by row."""
    row = np.argsort(place)
    by = witness[place]
    witness = np.where(by == NO_WITNESS, NO_WITNESS, row[by])
    values = np.where(np.isnan(similarity), NEVER, 1 - similarity)[place]
    return Scores(values, "near_duplicate", witness, limit=limit)


def count_uncovered(
    documents: Documents,
    dropped: NDArray[np.bool_],
    kept: NDArray[np.bool_],
    witness: NDArray[np.int64],
    limit: float,
    *,
    witness_is_near: bool = True,
) -> int:
    """Count dropped documents that have no kept one nearer than the limit.

    Parameters
    ----------
    dropped : bool[n], by SemDeDup for a duplicate
    kept : bool[n], such as those that the step left, or those of the final mixture
    witness : int64[n], rows; of dropped documents
    limit : cosine above which two documents are duplicates
    witness_is_near : whether a document and its witness are; in the mode components they need not be

    Notes
    -----
    Only documents whose witness is dropped too, or not near, are compared again, with the kept ones of
    their lists.
    """
    doubtful = dropped & ~(kept[witness] & witness_is_near)
    if not doubtful.any():
        return 0
    rows = np.arange(len(documents))
    pairs = pairs_above(there(documents.compared, "compared"), rows, doubtful | kept, limit, of=doubtful)
    covered = np.zeros(len(documents), np.bool_)
    covered[pairs.later[kept[pairs.earlier]]] = True
    covered[pairs.earlier[kept[pairs.later]]] = True
    return int((doubtful & ~covered).sum())

"""Prune documents: a file per method, and `prune`, which applies a recipe's steps in order."""

from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.kmeans import KMeansSettings
from guyot.cut import Cut, Scores, after, share, take, whole
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.prune.everything import Everything, everything_scores
from guyot.prune.exact import COPY, Exact, exact_scores
from guyot.prune.length import Length, length_scores
from guyot.prune.prototypes import Prototypes, distance_after_reclustering, prototypes_scores
from guyot.prune.random import Random, random_scores
from guyot.prune.semdedup import SemDeDup, semdedup_scores

__all__ = ["Step", "Unit", "prune", "weights_of"]

Step = Everything | Random | Exact | Length | SemDeDup | Prototypes
Unit = Literal["documents", "tokens", "bytes"]


def prune(
    documents: Documents,
    steps: tuple[Step, ...],
    *,
    target_fraction: float,
    unit: Unit,
    clustering: KMeansSettings,
) -> Cut:
    """Apply steps in order: each one to what the steps before it left, the last one to the exact target.

    Parameters
    ----------
    documents : n documents, in the order of their doc_ids
    steps : at least one
    target_fraction, unit : keep this share of all n documents, or of their tokens or bytes
    clustering : for steps that cluster again

    Returns
    -------
    Cut over n rows, in input order.

    Raises
    ------
    SettingError : the target cannot be met, or a step before the last has no limit of its own.

    Notes
    -----
    Deterministic; equal scores go to the lower row.
    """
    weights = weights_of(documents, unit)
    total = int(weights.sum())
    cut = whole(len(documents))
    for step in steps[:-1]:
        scores = _scores(documents, step, cut.kept, clustering)
        cut = after(cut, step.method, scores, _limited(step, scores, weights, cut.kept, total))
    last = steps[-1]
    scores = _scores(documents, last, cut.kept, clustering)
    return after(cut, last.method, scores, take(scores, weights, cut.kept, share(total, target_fraction)))


def weights_of(documents: Documents, unit: Unit) -> NDArray[np.int64]:
    """Return what each document counts in a unit: int64[n]."""
    match unit:
        case "documents":
            return np.ones(len(documents), np.int64)
        case "tokens":
            return documents.tokens
        case "bytes":
            return documents.bytes
        case _:
            assert_never(unit)


def _scores(documents: Documents, step: Step, alive: NDArray[np.bool_], clustering: KMeansSettings) -> Scores:
    """Hand each method exactly the columns that it needs."""
    match step:
        case Everything():
            return everything_scores(len(documents))
        case Random():
            return random_scores(documents.id_bits, step)
        case Exact():
            return exact_scores(documents.content_digest, step)
        case Length():
            return length_scores(documents.tokens, documents.bytes, documents.lines, step)
        case SemDeDup():
            return semdedup_scores(documents.max_similarity, documents.witness)
        case Prototypes(recluster=True):
            distance = distance_after_reclustering(documents.vectors, documents.id_bits, alive, clustering)
            return prototypes_scores(distance, step)
        case Prototypes():
            return prototypes_scores(documents.distance, step)
        case _:
            assert_never(step)


def _limited(
    step: Step,
    scores: Scores,
    weights: NDArray[np.int64],
    alive: NDArray[np.bool_],
    total: int,
) -> NDArray[np.bool_]:
    """Apply the limit of a step before the last."""
    match step:
        case Exact():
            return alive & (scores.values > COPY)
        case SemDeDup(keep_fraction=float(fraction)):
            return take(scores, weights, alive, share(total, fraction), reach=True)
        case _:
            raise SettingError(
                f"step {step.method} stands before the last and has no limit of its own; "
                "put it last, or use exact, or semdedup with a keep_fraction"
            )

"""Prune documents: a file per method, and `prune`, which applies a recipe's steps in order."""

import dataclasses
from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.kmeans import KMeansSettings
from guyot.cut import Asked, Cut, Scores, after, share, take, whole
from guyot.documents import Documents, there
from guyot.errors import SettingError
from guyot.prune.bounds import Bounds, bounds_scores
from guyot.prune.density import Density, density_scores
from guyot.prune.everything import Everything, everything_scores
from guyot.prune.exact import Exact, exact_scores
from guyot.prune.length import Length, length_scores
from guyot.prune.minhash import MinHash, minhash_scores
from guyot.prune.modes import near_duplicate_scores
from guyot.prune.only_kinds import OnlyKinds, only_kinds_scores
from guyot.prune.own_limit import own_limit
from guyot.prune.parses import Parses, parses_scores
from guyot.prune.prototypes import Prototypes, prototypes_scores, reclustered
from guyot.prune.random import Random, random_scores
from guyot.prune.scip import SCIP, scip_scores
from guyot.prune.semdedup import SemDeDup
from guyot.prune.witness import kept_witness

__all__ = ["Step", "Unit", "names_of", "prune", "weights_of"]

Step = (
    Everything | Random | Exact | MinHash | OnlyKinds | Bounds | Parses | Length
    | SemDeDup | Prototypes | Density | SCIP
)  # fmt: skip
Unit = Literal["documents", "tokens", "bytes"]


def prune(
    documents: Documents,
    steps: tuple[Step, ...],
    *,
    target_fraction: float | None,
    unit: Unit,
    clustering: KMeansSettings,
) -> Cut:
    """Apply steps in order: each one to what the steps before it left, the last one to the exact target.

    Parameters
    ----------
    documents : n documents, in the order of their doc_ids
    steps : at least one
    target_fraction, unit : keep this share of all n documents, or of their tokens or bytes; None: every
        step goes by its own limit, the last one too
    clustering : for steps that cluster again

    Returns
    -------
    Cut over n rows, in input order.

    Raises
    ------
    SettingError : the target cannot be met, or a step that has to has no limit of its own.

    Notes
    -----
    Deterministic; equal scores go to the lower row.
    """
    weights = weights_of(documents, unit)
    cut = whole(len(documents))
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        asked = Asked(weights, cut.kept, _target(step, weights, target_fraction if last else None))
        scores = _scores(documents, step, asked, clustering)
        kept = own_limit(step, scores, asked) if asked.target is None else _taken(scores, asked, last)
        if scores.witness is not None and _is_of_families(step):
            scores = dataclasses.replace(scores, witness=kept_witness(scores.witness, kept))
        cut = after(cut, names_of(steps)[number], scores, kept, by_target=asked.target is not None)
    return cut


def names_of(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """Name steps by their methods; of several of a method the second is -2, and so on.

    Examples
    --------
    >>> names_of((Exact(), Random(), Random()))
    ('exact', 'random', 'random-2')
    """
    names: list[str] = []
    for number, step in enumerate(steps):
        earlier = sum(other.method == step.method for other in steps[:number])
        names.append(f"{step.method}-{earlier + 1}" if earlier else step.method)
    return tuple(names)


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


def _target(step: Step, weights: NDArray[np.int64], target_fraction: float | None) -> int | None:
    """Return the weight that a step is to keep, if a fraction says so; the recipe's goes before its own."""
    fraction = getattr(step, "keep_fraction", None) if target_fraction is None else target_fraction
    return None if fraction is None else share(int(weights.sum()), fraction)


def _taken(scores: Scores, asked: Asked, last: bool) -> NDArray[np.bool_]:
    """Keep the target exactly; before the last step, never less."""
    return take(scores, asked.weights, asked.alive, asked.to_keep("take"), reach=not last)


def _is_of_families(step: Step) -> bool:
    """Say whether a step's witnesses lead to one that stays."""
    match step:
        case SemDeDup(mode="components") | MinHash():
            return True
        case _:
            return False


def _scores(  # noqa: C901  every method stands in this one match
    documents: Documents, step: Step, asked: Asked, clustering: KMeansSettings
) -> Scores:
    """Hand each method exactly the columns that it needs."""
    match step:
        case Everything():
            return everything_scores(len(documents))
        case Random():
            return random_scores(documents.id_bits, step)
        case Exact():
            return exact_scores(documents.content_digest, asked.alive)
        case MinHash():
            return minhash_scores(there(documents.minhash, "minhash"), asked, step)
        case OnlyKinds():
            return only_kinds_scores(documents.is_of(step.kinds))
        case Bounds():
            return bounds_scores(_signal(documents, step), documents.is_of(step.kinds), step)
        case Parses():
            return parses_scores(there(documents.parses, "parses"))
        case Length():
            return length_scores(
                documents.tokens, documents.bytes, documents.lines, step, documents.kind, asked
            )
        case SemDeDup():
            return near_duplicate_scores(documents, asked, step)
        case Prototypes():
            return _prototypes(documents, step, asked, clustering)
        case SCIP():
            return scip_scores(there(documents.cluster, "cluster"), documents.distance, asked, step)
        case Density():
            cluster, centroids = there(documents.cluster, "cluster"), there(documents.centroids, "centroids")
            return density_scores(cluster, documents.distance, centroids, asked, step)
        case _:
            assert_never(step)


def _signal(documents: Documents, step: Bounds) -> NDArray[np.float64]:
    """Return the signal that a filter asks for."""
    if step.signal not in documents.signals:
        raise SettingError(
            f"bounds asks for the signal {step.signal}; these documents have {', '.join(documents.signals)}"
        )
    return documents.signals[step.signal]


def _prototypes(documents: Documents, step: Prototypes, asked: Asked, clustering: KMeansSettings) -> Scores:
    """Score by the lake's centroids, or by new ones of what is left."""
    cluster, distance = documents.cluster, documents.distance
    if step.recluster:
        settings = dataclasses.replace(clustering, n_clusters=step.n_clusters or clustering.n_clusters)
        found = reclustered(documents.vectors, documents.id_bits, asked.alive, settings)
        cluster, distance = found.cluster, found.distance
    match step.balance:
        case "none":
            return prototypes_scores(distance, step)
        case "cluster":
            return prototypes_scores(distance, step, there(cluster, "cluster"), asked)
        case "kind":
            return prototypes_scores(distance, step, there(documents.kind, "kind"), asked)
        case _:
            assert_never(step.balance)

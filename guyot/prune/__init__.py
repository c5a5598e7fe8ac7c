"""Prune documents: a file per method, and `prune`, which applies a recipe's steps in order."""

import dataclasses
from collections.abc import Sequence
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.kmeans import KMeansSettings
from guyot.cut import Cut, PruneRequest, Scores, floor_fraction, nothing_dropped, take
from guyot.decision import after
from guyot.documents import Documents, Unit
from guyot.errors import SettingError
from guyot.prune.bounds import Bounds
from guyot.prune.decontaminate import Decontaminate
from guyot.prune.density import Density
from guyot.prune.everything import Everything
from guyot.prune.exact import Exact
from guyot.prune.explanation import HELD_OUT, ExplanationInputs
from guyot.prune.length import Length
from guyot.prune.minhash import MinHash
from guyot.prune.only_kinds import OnlyKinds
from guyot.prune.parses import Parses
from guyot.prune.prototypes import Prototypes
from guyot.prune.random import Random
from guyot.prune.scip import SCIP
from guyot.prune.semdedup import SemDeDup
from guyot.prune.step import StepMethod, names_of
from guyot.prune.witness import kept_witness

Step = (
    Everything
    | Random
    | Exact
    | MinHash
    | OnlyKinds
    | Bounds
    | Parses
    | Decontaminate
    | Length
    | SemDeDup
    | Prototypes
    | Density
    | SCIP
)  # fmt: skip
METHODS: tuple[type[Step], ...] = get_args(Step)


def prune(
    documents: Documents,
    steps: Sequence[StepMethod],
    *,
    target_fraction: float | None,
    unit: Unit,
    clustering: KMeansSettings | None = None,
) -> Cut:
    """Apply steps in order: each one to what the steps before it left, the last one to the exact target.

    Parameters
    ----------
    documents : n documents, in the order of their doc_ids
    steps : at least one; any object with what `StepMethod` names, listed in `Step` or not
    target_fraction, unit : keep this share of all n documents, or of their tokens or bytes; None: every
        step goes by its own limit, the last one too
    clustering : for steps that cluster again

    Returns
    -------
    Cut over n rows, in input order.

    Raises
    ------
    ArrayError : a column or source is missing that the unit or a step needs.
    SettingError : the target cannot be met, or a step that has to has no limit of its own.

    Notes
    -----
    Deterministic; equal scores go to the lower row.

    Examples
    --------
    >>> copies = Documents(np.arange(3, dtype=np.uint64), np.array([b"a", b"b", b"a"], "S32"))
    >>> cut = prune(copies, (Exact(),), target_fraction=None, unit="documents")
    >>> cut.kept.tolist(), cut.witness.tolist()
    ([True, True, False], [-1, -1, 0])
    """
    for step in steps:
        documents.check(step.needs, of=f"step {step.method}")
    weights = documents.weights(unit)
    cut = nothing_dropped(len(documents))
    for number, (name, step) in enumerate(zip(names_of(steps), steps, strict=True)):
        last = number == len(steps) - 1
        target = _target(step, weights, target_fraction if last else None)
        request = PruneRequest(weights, cut.kept, target, clustering)
        scores = step.scores(documents, request)
        kept = _kept(step, scores, request, last=last)
        if scores.witness is not None and step.names_kept_witnesses:
            scores = dataclasses.replace(scores, witness=kept_witness(scores.witness, kept))
        cut = after(cut, name, scores, kept, by_target=target is not None, is_last_use=True)
        del scores  # 8 bytes a document and more, while the next step works
    return cut


def kept_by(
    documents: Documents,
    step: StepMethod,
    *,
    target_fraction: float | None,
    unit: Unit,
    clustering: KMeansSettings | None = None,
) -> NDArray[np.bool_]:
    """Return what one step keeps of all documents: bool[n], what `prune` by it alone does.

    Parameters
    ----------
    target_fraction, unit, clustering : as for `prune`

    Raises
    ------
    ArrayError, SettingError : as `prune`.

    Examples
    --------
    >>> copies = Documents(np.arange(3, dtype=np.uint64), np.array([b"a", b"b", b"a"], "S32"))
    >>> kept_by(copies, Exact(), target_fraction=None, unit="documents").tolist()
    [True, True, False]
    """
    documents.check(step.needs, of=f"step {step.method}")
    weights = documents.weights(unit)
    alive, target = nothing_dropped(len(documents)).kept, _target(step, weights, target_fraction)
    request = PruneRequest(weights, alive, target, clustering)
    return _kept(step, step.scores(documents, request), request, last=True)


def explain(steps: Sequence[StepMethod], facts: ExplanationInputs) -> str:
    """Explain in a sentence why a recipe's steps kept or dropped a document.

    Examples
    --------
    >>> explain((Length(),), ExplanationInputs(False, "length", "long", score=-900.0, threshold=-800.0))
    'it has 900 tokens; the longest that stayed has 800'
    """
    if facts.step == HELD_OUT:
        return "it is held out for evaluation, with its group; no recipe may train on it"
    names = names_of(steps)
    step = steps[names.index(facts.step) if facts.step in names else -1]
    return step.explain_kept(facts) if facts.kept else step.explain_dropped(facts)


def _target(step: StepMethod, weights: NDArray[np.int64], target_fraction: float | None) -> int | None:
    """Return the weight that a step is to keep, if there is a fraction; the recipe's overrides its own."""
    fraction = step.keep_fraction if target_fraction is None else target_fraction
    return None if fraction is None else floor_fraction(int(weights.sum()), fraction)


def _kept(step: StepMethod, scores: Scores, request: PruneRequest, *, last: bool) -> NDArray[np.bool_]:
    """Keep the target exactly (before the last step at least that), or without one what the limit keeps."""
    if request.target is not None:
        return take(scores, request.weights, request.alive, request.target, reach=not last)
    passes = step.passes_default_threshold(scores)
    if passes is None:
        raise SettingError(
            f"step {step.method} has no limit of its own here: before the last it needs a keep_fraction, "
            "and last the recipe's target_fraction"
        )
    return request.alive & passes

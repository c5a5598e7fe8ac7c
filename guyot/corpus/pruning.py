"""The cut of a corpus by a recipe: the one place where its columns become Documents and `prune` is called."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.columns import CONTENT_DIGEST, MINHASH_PAIRS, Need, Source
from guyot.corpus.columns import Columns
from guyot.corpus.comparisons import VectorsInMemory
from guyot.corpus.evaluation import evaluation_pairs
from guyot.cut import NO_WITNESS, Cut
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.prune import ExplanationInputs, StepMethod, explain, prune
from guyot.prune.decontaminate import EVALUATION_PAIRS, Decontaminate, EvaluationPairs
from guyot.recipe import Recipe

_COLUMNS: dict[str, Callable[[Columns], NDArray[Any]]] = {
    "tokens": lambda columns: columns.tokens,
    "bytes": lambda columns: columns.bytes,
    "lines": lambda columns: columns.lines,
    "kind": lambda columns: columns.kind_numbers,
    "parses": lambda columns: np.array(
        [-1 if value is None else int(value) for value in columns.signals.parses], np.int8
    ),
    "cluster": lambda columns: columns.assigned.cluster,
    "distance": lambda columns: columns.assigned.distance,
    "max_similarity": lambda columns: columns.nearest.similarity,
    "witness": lambda columns: columns.nearest.witness,
}
_SOURCES: dict[str, Callable[[Columns], object]] = {
    "vectors": lambda columns: VectorsInMemory(columns.vectors),
    "centroids": lambda columns: columns.centroids.vectors,
    "comparison_lists": lambda columns: columns.compared,
}


def cut_by(columns: Columns, recipe: Recipe) -> Cut:
    """Cut a corpus, computing the columns that the recipe needs and no others.

    Raises
    ------
    SettingError : the recipe cannot be applied: a target that cannot be met, or texts that are not there.
    """
    documents = _documents(columns, recipe)
    columns.progress.begin(f"cutting by {recipe.name}")
    return prune(
        documents,
        recipe.steps,
        target_fraction=recipe.target_fraction,
        unit=recipe.unit,
        clustering=columns.clustering,
    )


def explanation_of(columns: Columns, recipe: Recipe, cut: Cut, row: int) -> str:
    """Return the sentence that explains why a document was kept or dropped.

    Parameters
    ----------
    row : of the document
    """
    kept, witness = bool(cut.kept[row]), int(cut.witness[row])
    score, limit = float(cut.score[row]), float(cut.threshold[row])
    needs = {need.name for need in _needs(recipe.steps) if not isinstance(need, Source)}
    facts = ExplanationInputs(
        kept=kept,
        step=None if kept else cut.steps[int(cut.step[row])],
        reason=None if kept else cut.reasons[int(cut.reason[row])],
        score=None if np.isnan(score) else score,
        threshold=None if np.isnan(limit) else limit,
        values={name: _column(columns, name)[row] for name in sorted(needs)},
        kind=columns.kinds[row],
        witness=_witness_name(columns, witness),
        witness_kept=0 <= witness < len(columns) and bool(cut.kept[witness]),
        cluster_size=_cluster_size(columns, recipe.steps, cut, row),
    )
    return explain(recipe.steps, facts)


def _witness_name(columns: Columns, witness: int) -> str:
    """Name a witness in a sentence; empty where there is none."""
    if witness == NO_WITNESS:
        return ""
    return f"document {columns.ids[witness]}" if witness < len(columns) else columns.name_of(witness)


def _cluster_size(columns: Columns, steps: Sequence[StepMethod], cut: Cut, row: int) -> int | None:
    """Count the documents of a cluster that reached the step which dropped one of them, if that matters."""
    number = int(cut.step[row])
    if cut.kept[row] or not steps[number].explains_with_cluster_size:
        return None
    reached = cut.kept | (cut.step >= number)
    cluster = columns.assigned.cluster
    return int((reached & (cluster == cluster[row])).sum())


def _documents(columns: Columns, recipe: Recipe) -> Documents:
    """Gather the columns and sources that a recipe needs."""
    needs = _needs(recipe.steps)
    names = {need.name for need in needs if not isinstance(need, Source)}
    if recipe.unit != "documents":
        names.add(recipe.unit)
    sources = {need.name for need in needs if isinstance(need, Source)}
    found = {name: made(columns) for name, made in _SOURCES.items() if name in sources}
    if MINHASH_PAIRS in needs:
        found[MINHASH_PAIRS.name] = columns.minhash(_lowest_jaccard(recipe.steps))
    if EVALUATION_PAIRS in needs:
        pairs = _evaluation_pairs(columns, *_lowest_limits(recipe.steps))
        found |= {} if pairs is None else {EVALUATION_PAIRS.name: pairs}
    return Documents(
        id_bits=columns.id_bits,
        content_digest=columns.content_digest if CONTENT_DIGEST in needs else None,
        columns={name: _column(columns, name) for name in sorted(names)},
        sources=found,
        kinds=columns.kind_names,
    )


def _needs(steps: Sequence[StepMethod]) -> list[Need]:
    """List what steps need."""
    return [need for step in steps for need in step.needs]


def _lowest_jaccard(steps: Sequence[StepMethod]) -> float:
    """Return the lowest similarity that a step asks pairs for."""
    return min(float(getattr(step, "jaccard", 1.0)) for step in steps if MINHASH_PAIRS in step.needs)


def _lowest_limits(steps: Sequence[StepMethod]) -> tuple[float, float | None]:
    """Return the lowest share of a record and the lowest cosine that a step asks pairs for."""
    asking = [step for step in steps if isinstance(step, Decontaminate)]
    cosines = [step.max_cosine for step in asking if step.max_cosine is not None]
    return min((step.min_overlap for step in asking), default=1.0), min(cosines, default=None)


def _evaluation_pairs(
    columns: Columns, min_overlap: float, min_cosine: float | None
) -> EvaluationPairs | None:
    """Compare the documents with the evaluation records; None where none were given.

    Raises
    ------
    SettingError : a cosine is asked for, and the documents came with vectors that no encoder made.
    """
    records, vectors = columns.evaluation, None
    if records is None:
        return None
    if min_cosine is not None:
        if columns.has_given_vectors:
            raise SettingError(
                f"a cosine to {len(records.texts)} evaluation records was asked for; the documents came with "
                "vectors, the records without; leave max_cosine out, or give an encoder, not vectors"
            )
        vectors = columns.vectors, columns.encoded(records.texts)
    texts = columns.texts_for("a comparison with evaluation records")
    return evaluation_pairs(
        texts, records, min_overlap, min_cosine=min_cosine, vectors=vectors, progress=columns.progress
    )


def _column(columns: Columns, name: str) -> NDArray[Any]:
    """Compute a column of a known name, or else a quality signal.

    Raises
    ------
    SettingError : no signal has that name.
    """
    if name in _COLUMNS:
        return _COLUMNS[name](columns)
    measured = vars(columns.signals)
    if name not in measured:
        raise SettingError(
            f"the signal {name!r} was asked for; a corpus has {', '.join(sorted({*_COLUMNS, *measured}))}; "
            "name one of these"
        )
    return measured[name]

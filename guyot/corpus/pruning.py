"""The cut of a corpus by a recipe: the one place where its columns become Documents and `prune` is called."""

from dataclasses import dataclass, field

import numpy as np

from guyot.corpus.columns import Columns
from guyot.corpus.comparisons import VectorsInMemory
from guyot.cut import NO_WITNESS, Cut
from guyot.documents import Documents, MinHashPairs
from guyot.prune import Step, Unit, prune
from guyot.prune.bounds import Bounds
from guyot.prune.density import Density
from guyot.prune.exact import Exact
from guyot.prune.length import Length
from guyot.prune.minhash import MinHash
from guyot.prune.parses import Parses
from guyot.prune.prototypes import Prototypes
from guyot.prune.scip import SCIP
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe
from guyot.sentence import Facts, sentence


@dataclass(frozen=True)
class _Needs:
    """What a recipe's steps read of the documents."""

    sizes: bool = False
    digest: bool = False
    signals: bool = False
    clusters: bool = False
    nearest: bool = False
    floors: tuple[float, ...] = field(default=())


def cut_by(columns: Columns, recipe: Recipe) -> Cut:
    """Cut a corpus, computing the columns that the recipe needs and no others.

    Raises
    ------
    SettingError : the recipe cannot be applied: a target that cannot be met, or texts that are not there.
    """
    documents = _documents(columns, _needs_of(recipe.steps), recipe.unit)
    columns.progress.begin(f"cutting by {recipe.name}")
    return prune(
        documents,
        recipe.steps,
        target_fraction=recipe.target_fraction,
        unit=recipe.unit,
        clustering=columns.clustering,
    )


def sentence_of(columns: Columns, recipe: Recipe, cut: Cut, row: int) -> str:
    """Say why a document was kept or dropped.

    Parameters
    ----------
    row : of the document
    """
    kept, witness = bool(cut.kept[row]), int(cut.witness[row])
    needs = _needs_of(recipe.steps)
    signals = vars(columns.signals) if needs.signals else {}
    limit = float(cut.threshold[row])
    facts = Facts(
        row={
            "kept": kept,
            "step": None if kept else cut.steps[cut.step[row]],
            "reason": None if kept else cut.reasons[cut.reason[row]],
            "score": float(cut.score[row]),
            "threshold": None if np.isnan(limit) else limit,
        },
        signals={name: column[row] for name, column in signals.items()},
        scores=_scores_of(columns, row) if needs.clusters else {},
        kind=columns.kinds[row],
        witness=f"document {columns.ids[witness]}" if witness != NO_WITNESS else "",
        witness_kept=witness != NO_WITNESS and bool(cut.kept[witness]),
    )
    return sentence(recipe, facts)


def _scores_of(columns: Columns, row: int) -> dict[str, int]:
    """Return a document's cluster, and how many documents that has."""
    cluster = int(columns.assigned.cluster[row])
    return {"cluster": cluster, "cluster_size": int(columns.cluster_sizes[cluster])}


def _needs_of(steps: tuple[Step, ...]) -> _Needs:
    """Say what steps read."""
    return _Needs(
        sizes=any(isinstance(step, Length) for step in steps),
        digest=any(isinstance(step, Exact) for step in steps),
        signals=any(isinstance(step, Bounds | Parses) for step in steps),
        clusters=any(isinstance(step, SemDeDup | Prototypes | SCIP | Density) for step in steps),
        nearest=any(isinstance(step, SemDeDup) for step in steps),
        floors=tuple(step.jaccard for step in steps if isinstance(step, MinHash)),
    )


def _documents(columns: Columns, needs: _Needs, unit: Unit) -> Documents:
    """Gather the columns that are needed; others are empty of meaning, and are not read."""
    n = len(columns)
    nothing, nan = np.zeros(n, np.int64), np.full(n, np.nan, np.float32)
    names = sorted(set(columns.kinds))
    numbers = {name: number for number, name in enumerate(names)}
    return Documents(
        id_bits=columns.id_bits,
        content_digest=columns.content_digest if needs.digest else np.zeros(n, "S32"),
        tokens=columns.tokens if needs.sizes or needs.signals or unit == "tokens" else nothing,
        bytes=columns.bytes if needs.sizes or unit == "bytes" else nothing,
        lines=columns.lines if needs.sizes else nothing,
        distance=columns.assigned.distance if needs.clusters else nan,
        max_similarity=columns.nearest.similarity if needs.nearest else nan,
        witness=columns.nearest.witness if needs.nearest else np.full(n, NO_WITNESS, np.int64),
        vectors=VectorsInMemory(columns.vectors if needs.clusters else np.zeros((n, 1), np.float16)),
        kind=np.array([numbers[kind] for kind in columns.kinds], np.int32),
        kinds=tuple(names),
        signals=_signals(columns) if needs.signals else {},
        parses=_parses(columns) if needs.signals else None,
        cluster=columns.assigned.cluster if needs.clusters else None,
        centroids=columns.centroids.vectors if needs.clusters else None,
        minhash=_minhash(columns, needs),
        compared=columns.compared if needs.nearest else None,
    )


def _minhash(columns: Columns, needs: _Needs) -> MinHashPairs | None:
    """Return the pairs at the lowest similarity that a step asks for."""
    return columns.minhash(min(needs.floors)) if needs.floors else None


def _signals(columns: Columns) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Return the signals that are numbers, tokens among them."""
    numbers = {name: values for name, values in vars(columns.signals).items() if name != "parses"}
    return {name: values.astype(np.float64) for name, values in {**numbers, "tokens": columns.tokens}.items()}


def _parses(columns: Columns) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    """Return 1 and 0 as the signal says, -1 where it says nothing."""
    return np.array([-1 if value is None else int(value) for value in columns.signals.parses], np.int8)

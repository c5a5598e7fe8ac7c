"""The documents that recipes cut: a snapshot's training documents, as columns aligned by doc_id."""

import dataclasses
import functools
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.cluster.scoring import contamination_pairs, minhash_pairs, minhash_search, scored_documents
from assets.cluster.scoring.comparison_lists import ScoredLists
from assets.graph.reader import TableReader
from assets.graph.reads import named
from assets.graph.snapshot import Snapshot, SnapshotVectors, snapshot_of
from assets.prune.cutting.document_columns import ALL_SIGNALS, DocumentColumns, needs_of, signals_of
from guyot.columns import (
    CLUSTER,
    COLUMNS,
    CONTENT_DIGEST,
    DISTANCE,
    KIND,
    MAX_SIMILARITY,
    MINHASH_PAIRS,
    TOKENS,
    WITNESS,
    MinHashPairs,
)  # fmt: skip
from guyot.documents import Documents
from guyot.errors import MissingError
from guyot.memo import Memo
from guyot.prune.decontaminate import EVALUATION_PAIRS, EvaluationPairs
from guyot.prune.near_duplicates.maxima import NearestPredecessors
from guyot.recipe import Recipe
from resources.lake.manifest import Manifest

# what the scores name: their snapshot, what was compared to make them, and what MinHash compares anew
READS = tuple(
    named(table)
    for table in (
        "raw_shards", "quality_signals", "embeddings", "cluster_assignments", "centroids",
        "minhash_signatures", "minhash_scores", "contamination_scores", "image_signals", "episode_signals",
    )
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class TrainingDocuments:
    """A snapshot's training documents, and what a process holds of them for all recipes.

    columns : what the shards hold of them, read when a recipe needs it
    locations, maxima : of cluster_scores; witnesses are rows
    sources : of `Documents`, by name
    memo : what methods computed of these documents and several recipes use
    """

    source: Snapshot
    columns: DocumentColumns
    cluster: NDArray[np.int32]
    distance: NDArray[np.float32]
    maxima: NearestPredecessors
    sources: Mapping[str, object]
    memo: Memo = dataclasses.field(default_factory=Memo)

    def __len__(self) -> int:
        """Count the documents."""
        return len(self.ids)

    @property
    def ids(self) -> NDArray[np.bytes_]:
        """Their doc_ids, packed: S16[n], sorted."""
        return self.columns.known.ids

    @property
    def held_out(self) -> NDArray[np.bytes_]:
        """The doc_ids of the others, packed: S16[h], sorted."""
        return self.columns.held_out

    @property
    def witnesses(self) -> NDArray[np.bytes_]:
        """What witnesses that are no documents mean: the doc_ids of evaluation records, S32[m]."""
        pairs = self.sources.get(EVALUATION_PAIRS.name)
        return pairs.records if isinstance(pairs, EvaluationPairs) else np.zeros(0, "S32")

    def documents(self, recipe: Recipe) -> Documents:
        """Read the columns that a recipe looks at; if it names one that there is not, all that there are."""
        needs, signals = needs_of(recipe), signals_of([recipe])
        names = {need.name for need in needs} | ({*COLUMNS} if signals == ALL_SIGNALS else set())
        columns: dict[str, NDArray[Any]] = self.columns.signals(signals - {TOKENS.name})
        columns |= self.tokens if TOKENS.name in signals else {}
        if WITNESS.name in names:
            columns[WITNESS.name] = self.maxima.witness
        held = {
            CLUSTER.name: self.cluster, DISTANCE.name: self.distance,
            MAX_SIMILARITY.name: self.maxima.similarity,
        }  # fmt: skip
        kinds: tuple[str, ...] = ()
        if KIND.name in names:
            columns[KIND.name], kinds = self.columns.kinds()
        digest = self.columns.content_digest() if CONTENT_DIGEST in needs else None
        return Documents(self.columns.known.bits, digest, {**columns, **held}, self.sources, kinds, self.memo)

    @functools.cached_property
    def tokens(self) -> dict[str, NDArray[Any]]:
        """The tokens of each, which every recipe looks at: int64[n], if the lake has them."""
        return self.columns.signals(frozenset({TOKENS.name}))


_Key = tuple[str, str, str, str]  # root, versions of the scores
_LATEST: dict[_Key, TrainingDocuments] = {}  # at most one
_LOADING = threading.Lock()


def live(reader: TableReader) -> TrainingDocuments:
    """Return the documents of the live scores; a process reads them once for all recipes.

    They read their columns, vectors and texts by a declaration of their own, not by that of the asset that
    was first.

    Raises
    ------
    UndeclaredReadError : the asset does not declare `READS` and cluster_scores.
    MissingError : scores are missing, or the centroids that they were made with are not the live ones.
    """
    reader = reader.narrowed("training documents", "cluster_scores", *(read.table for read in READS))
    scores = reader.required("cluster_scores")
    linked = None if "minhash_scores" in reader.absent else reader.required("minhash_scores")
    copies = reader.current("contamination_scores")
    linked_version, copies_version = (one.version if one else "" for one in (linked, copies))
    key = (reader.root, scores.version, linked_version, copies_version)
    with _LOADING:
        if key not in _LATEST:
            _LATEST.clear()
            _LATEST[key] = load(reader, scores, linked, copies)
        return _LATEST[key]


def load(
    reader: TableReader, scores: Manifest, linked: Manifest | None, copies: Manifest | None = None
) -> TrainingDocuments:
    """Align the shards of a version of cluster_scores, and minhash_scores of the same snapshot.

    Parameters
    ----------
    linked : minhash_scores; None in a lake whose documents have none: no step can use them
    copies : contamination_scores; where they are not of the same snapshot, no step can use them

    Raises
    ------
    MissingError : the centroids that it was made with are not the live ones any more.
    """
    source, centroids = snapshot_of(scores), _centroids(reader, scores)
    scored = scored_documents.read(reader, scores)
    ids, cluster, distance = scored.documents.ids, scored.documents.cluster, scored.documents.distance
    maxima = scored.maxima
    del scored  # its entries and places: more than what is left
    columns = DocumentColumns(reader, source, ids)
    evaluated = contamination_pairs.pairs_of(reader, copies, source, ids)
    sources = {
        "vectors": SnapshotVectors(reader, source, ids, known=columns.known),
        "centroids": centroids,
        "comparison_lists": ScoredLists(reader, scores, (cluster, distance)),
        **({} if evaluated is None else {EVALUATION_PAIRS.name: evaluated}),
        **({} if linked is None else {MINHASH_PAIRS.name: _minhash_pairs(reader, linked, source, ids)}),
    }
    return TrainingDocuments(source, columns, cluster, distance, maxima, sources)


def _minhash_pairs(
    reader: TableReader, linked: Manifest, source: Snapshot, ids: NDArray[np.bytes_]
) -> MinHashPairs:
    """Read the pairs that MinHash found, and what finds further ones."""
    pairs = minhash_pairs.pairs_of(reader, linked, ids)
    return dataclasses.replace(pairs, search=minhash_search.search_of(reader, linked, source, ids))


def _centroids(reader: TableReader, scores: Manifest) -> NDArray[np.float16]:
    """Read the centroids that the scores were made with."""
    trained = reader.required("centroids")
    if trained.content != scores.inputs["centroids"]:
        raise MissingError(
            f"mixtures of cluster_scores {scores.version} need centroids {scores.inputs['centroids']}; "
            f"live are {trained.content}; materialize cluster_assignments and cluster_scores first"
        )
    return reader.whole_vectors(trained)

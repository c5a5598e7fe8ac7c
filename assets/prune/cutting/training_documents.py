"""The documents that recipes cut: a snapshot's training documents, as columns aligned by doc_id."""

import dataclasses
import threading

import numpy as np
from numpy.typing import NDArray

from assets.cluster.scoring import contamination_pairs, minhash_pairs, minhash_search, scored_documents
from assets.cluster.scoring.comparison_lists import ScoredLists
from assets.graph.reader import TableReader
from assets.graph.reads import named
from assets.graph.snapshot import Snapshot, SnapshotVectors, snapshot_of
from assets.prune.cutting.document_columns import SIGNALS, read_columns
from guyot.columns import MINHASH_PAIRS, MinHashPairs
from guyot.documents import Documents
from guyot.errors import MissingError
from guyot.prune.decontaminate import EVALUATION_PAIRS, EvaluationPairs
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
    """A snapshot's training documents.

    ids : S32[n], sorted
    held_out : S32[h], sorted: the others
    """

    source: Snapshot
    documents: Documents
    ids: NDArray[np.bytes_]
    held_out: NDArray[np.bytes_]

    @property
    def witnesses(self) -> NDArray[np.bytes_]:
        """What witnesses that are no documents mean: the doc_ids of evaluation records, S32[m]."""
        pairs = self.documents.sources.get(EVALUATION_PAIRS.name)
        return pairs.records if isinstance(pairs, EvaluationPairs) else np.zeros(0, "S32")


_Key = tuple[str, str, str, str, frozenset[str]]  # root, versions of the scores, signals
_LATEST: dict[_Key, TrainingDocuments] = {}  # at most one
_LOADING = threading.Lock()


def live(reader: TableReader, signals: frozenset[str] = frozenset(SIGNALS)) -> TrainingDocuments:
    """Return the documents of the live scores with some signals; a process reads them once for all recipes.

    They read their vectors and texts by a declaration of their own, not by that of the asset that was first.

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
    key = (reader.root, scores.version, linked_version, copies_version, signals)
    with _LOADING:
        if key not in _LATEST:
            _LATEST.clear()
            _LATEST[key] = load(reader, scores, linked, copies, signals)
        return _LATEST[key]


def load(
    reader: TableReader,
    scores: Manifest,
    linked: Manifest | None,
    copies: Manifest | None = None,
    signals: frozenset[str] = frozenset(SIGNALS),
) -> TrainingDocuments:
    """Align the columns of a version of cluster_scores, of its snapshot, and of minhash_scores of the same.

    Parameters
    ----------
    linked : minhash_scores; None in a lake whose documents have none: no step can use them
    copies : contamination_scores; where they are not of the same snapshot, no step can use them

    Raises
    ------
    MissingError : the centroids that it was made with are not the live ones any more.
    """
    source = snapshot_of(scores)
    scored = scored_documents.read(reader, scores)
    placed, maxima = scored.documents, scored.maxima
    ids = placed.ids
    found = read_columns(reader, source, ids, signals)
    evaluated = contamination_pairs.pairs_of(reader, copies, source, ids)
    documents = Documents(
        id_bits=found.known.bits,
        content_digest=found.content_digest,
        columns={
            **found.numbers,
            "kind": found.kind,
            "cluster": placed.cluster,
            "distance": placed.distance,
            "max_similarity": maxima.similarity,
            "witness": maxima.witness,
        },
        kinds=found.kinds,
        sources={
            "vectors": SnapshotVectors(reader, source, ids),
            "centroids": _centroids(reader, scores),
            "comparison_lists": ScoredLists(reader, scores),
            **({} if evaluated is None else {EVALUATION_PAIRS.name: evaluated}),
            **({} if linked is None else {MINHASH_PAIRS.name: _minhash_pairs(reader, linked, source, ids)}),
        },
    )
    return TrainingDocuments(source, documents, ids, found.held_out)


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

"""The documents that recipes cut: a snapshot's training documents, as columns aligned by doc_id."""

import dataclasses
import threading

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.cluster.scoring import minhash_pairs, minhash_search
from assets.cluster.scoring.comparison_lists import ScoredLists
from assets.graph.doc_ids import id_bits, ids_of, positions
from assets.graph.reader import TableReader
from assets.graph.reads import named
from assets.graph.snapshot import Snapshot, SnapshotVectors, snapshot_of
from guyot.documents import Documents
from guyot.errors import MissingError
from resources.lake.manifest import Manifest

# what the scores name: their snapshot, what was compared to make them, and what MinHash compares anew
READS = tuple(
    named(table)
    for table in (
        "raw_shards", "quality_signals", "embeddings", "cluster_assignments", "centroids",
        "minhash_signatures", "minhash_scores",
    )
)  # fmt: skip
_NUMBERS = (
    "bytes", "chars", "words", "lines", "max_line", "tokens", "alpha_fraction", "repetition",
    "duplicate_lines", "compression_ratio",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class TrainingDocuments:
    """A snapshot's training documents.

    ids : S32[n], sorted
    held_out : the doc_ids of the others
    """

    source: Snapshot
    documents: Documents
    ids: NDArray[np.bytes_]
    held_out: pa.ChunkedArray


_LATEST: dict[tuple[str, str, str], TrainingDocuments] = {}  # by root and versions of the scores: at most one
_LOADING = threading.Lock()


def live(reader: TableReader) -> TrainingDocuments:
    """Return the documents of the live scores; a process reads them once for all recipes.

    They read their vectors and texts by a declaration of their own, not by that of the asset that was first.

    Raises
    ------
    UndeclaredReadError : the asset does not declare `READS` and cluster_scores.
    MissingError : scores are missing, or the centroids that they were made with are not the live ones.
    """
    reader = reader.narrowed("training documents", "cluster_scores", *(read.table for read in READS))
    scores, linked = reader.required("cluster_scores"), reader.required("minhash_scores")
    key = (reader.root, scores.version, linked.version)
    with _LOADING:
        if key not in _LATEST:
            _LATEST.clear()
            _LATEST[key] = load(reader, scores, linked)
        return _LATEST[key]


def load(reader: TableReader, scores: Manifest, linked: Manifest) -> TrainingDocuments:
    """Align the columns of a version of cluster_scores, of its snapshot, and of minhash_scores of the same.

    Raises
    ------
    MissingError : the centroids that it was made with are not the live ones any more.
    """
    source = snapshot_of(scores)
    scored = reader.table(scores)
    ids = ids_of(scored["doc_id"])
    raw = source.table(reader, "raw_shards", ["doc_id", "content_digest", "kind", "split"])
    signals = source.table(reader, "quality_signals", ["doc_id", "parses", *_NUMBERS])
    at_raw = _order(ids, ids_of(raw["doc_id"]))
    at_signal = _order(ids, ids_of(signals["doc_id"]))
    pairs = minhash_pairs.pairs_of(reader, linked, ids)
    search = minhash_search.search_of(reader, linked, source, ids)
    numbers = {name: signals[name].to_numpy()[at_signal] for name in _NUMBERS}
    kinds, kind = _encoded(raw["kind"])
    documents = Documents(
        id_bits=id_bits(ids),
        content_digest=ids_of(raw["content_digest"])[at_raw],
        columns={
            **numbers,
            "parses": pc.fill_null(pc.cast(signals["parses"], pa.int8()), -1).to_numpy()[at_signal],
            "kind": kind[at_raw],
            "cluster": scored["cluster"].to_numpy(),
            "distance": scored["distance"].to_numpy(),
            "max_similarity": scored["max_similarity"].to_numpy(),
            "witness": positions(ids, ids_of(scored["witness"].fill_null(""))),
        },
        kinds=kinds,
        sources={
            "vectors": SnapshotVectors(reader, source, ids),
            "centroids": _centroids(reader, scores),
            "minhash_pairs": dataclasses.replace(pairs, search=search),
            "comparison_lists": ScoredLists(reader, scores),
        },
    )
    return TrainingDocuments(
        source, documents, ids, raw.filter(pc.not_equal(raw["split"], "train"))["doc_id"]
    )


def _order(wanted: NDArray[np.bytes_], ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Find where each wanted id is among unsorted ids that hold them all."""
    order = np.argsort(ids)
    return order[np.searchsorted(ids, wanted, sorter=order)]


def _encoded(column: pa.ChunkedArray) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Number a column's names in their order."""
    names = sorted(pc.unique(column).to_pylist())
    return tuple(names), pc.index_in(column, pa.array(names, pa.string())).to_numpy().astype(np.int32)


def _centroids(reader: TableReader, scores: Manifest) -> NDArray[np.float16]:
    """Read the centroids that the scores were made with."""
    trained = reader.required("centroids")
    if trained.content != scores.inputs["centroids"]:
        raise MissingError(
            f"mixtures of cluster_scores {scores.version} need centroids {scores.inputs['centroids']}; "
            f"live are {trained.content}; materialize cluster_assignments and cluster_scores first"
        )
    return reader.vectors(trained)[:]

"""The documents that recipes cut: a snapshot's training documents, as columns aligned by doc_id."""

import dataclasses

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.cluster.scoring import minhash_pairs, minhash_search
from assets.cluster.scoring.comparison_lists import ScoredLists
from assets.graph import snapshot
from guyot.documents import Documents
from guyot.errors import MissingError
from resources.lake.manifest import Manifest
from resources.lake.store import Store

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

    source: snapshot.Snapshot
    documents: Documents
    ids: NDArray[np.bytes_]
    held_out: pa.ChunkedArray


def load(store: Store, scores: Manifest, linked: Manifest) -> TrainingDocuments:
    """Align the columns of a version of cluster_scores, of its snapshot, and of minhash_scores of the same.

    Raises
    ------
    MissingError : the centroids that it was made with are not the live ones any more.
    """
    source = snapshot.of(scores)
    scored = store.table(scores)
    ids = snapshot.ids_of(scored["doc_id"])
    raw = source.table(store, "raw_shards", ["doc_id", "content_digest", "kind", "split"])
    signals = source.table(store, "quality_signals", ["doc_id", "parses", *_NUMBERS])
    at_raw = _order(ids, snapshot.ids_of(raw["doc_id"]))
    at_signal = _order(ids, snapshot.ids_of(signals["doc_id"]))
    pairs = minhash_pairs.pairs_of(store, linked, ids)
    search = minhash_search.search_of(store, linked, source, ids)
    numbers = {name: signals[name].to_numpy()[at_signal] for name in _NUMBERS}
    kinds, kind = _encoded(raw["kind"])
    documents = Documents(
        id_bits=snapshot.id_bits(ids),
        content_digest=snapshot.ids_of(raw["content_digest"])[at_raw],
        columns={
            **numbers,
            "parses": pc.fill_null(pc.cast(signals["parses"], pa.int8()), -1).to_numpy()[at_signal],
            "kind": kind[at_raw],
            "cluster": scored["cluster"].to_numpy(),
            "distance": scored["distance"].to_numpy(),
            "max_similarity": scored["max_similarity"].to_numpy(),
            "witness": snapshot.positions(ids, snapshot.ids_of(scored["witness"].fill_null(""))),
        },
        kinds=kinds,
        sources={
            "vectors": snapshot.SnapshotVectors(store, source, ids),
            "centroids": _centroids(store, scores),
            "minhash_pairs": dataclasses.replace(pairs, search=search),
            "comparison_lists": ScoredLists(store, scores),
        },
    )
    return TrainingDocuments(
        source, documents, ids, raw.filter(pc.not_equal(raw["split"], "train"))["doc_id"]
    )


def _order(wanted: NDArray[np.bytes_], ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Find where each wanted id stands among unsorted ids that hold them all."""
    order = np.argsort(ids)
    return order[np.searchsorted(ids, wanted, sorter=order)]


def _encoded(column: pa.ChunkedArray) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Number a column's names in their order."""
    names = sorted(pc.unique(column).to_pylist())
    return tuple(names), pc.index_in(column, pa.array(names, pa.string())).to_numpy().astype(np.int32)


def _centroids(store: Store, scores: Manifest) -> NDArray[np.float16]:
    """Read the centroids that the scores were made with."""
    trained = store.required("centroids")
    if trained.content != scores.inputs["centroids"]:
        raise MissingError(
            f"mixtures of cluster_scores {scores.version} need centroids {scores.inputs['centroids']}; "
            f"live are {trained.content}; materialize cluster_assignments and cluster_scores first"
        )
    return store.vectors(trained)[:]

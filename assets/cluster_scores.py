"""Cluster scores: each document's likest earlier one and its distance; each cluster's shape.

Scores are stored, decisions are not: any threshold or target is a query over them.
"""

import dataclasses
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets import snapshot
from assets.making import Making, columns, make, result
from guyot.cluster.geometry import geometry
from guyot.cut import NO_WITNESS
from guyot.prune.semdedup import EarlierMaxima, earlier_maxima, rank
from resources.engine import Engine
from resources.progress import tracked
from resources.settings import Settings
from resources.store import Store
from resources.writer import Writer

CODE = "1"
CLUSTERS = "clusters.parquet"
ALL_PAIRS, PER_CLUSTER = "all_pairs", "per_cluster"


def making(store: Store, settings: Settings) -> Making:
    """State what the scores are made from: every live shard's documents and assignments."""
    shards = snapshot.live_shards(store)
    tables = ("raw_shards", "cluster_assignments", "quality_signals")
    inputs = {f"{t}/{s}": store.required(t, s).content for s in shards for t in tables}
    inputs["centroids"] = store.required("centroids").content
    return Making("cluster_scores", inputs, settings.some("all_pairs_below_documents"), CODE)


@dg.asset(
    group_name="cluster",
    kinds={"parquet"},
    owners=["team:curation"],
    deps=["cluster_assignments", "quality_signals", "raw_shards"],
    code_version=CODE,
    pool="memory",
    metadata=columns(
        doc_id="string: a training document of the snapshot",
        cluster="int32: nearest centroid",
        distance="float: cosine distance to it; the prototype distance",
        max_similarity="float: highest cosine to an earlier-ranked document; null where none is earlier",
        witness="string: that document",
    ),
)
def cluster_scores(settings: Settings, store: Store, engine: Engine) -> dg.MaterializeResult[Any]:
    """One row is a training document of the snapshot; clusters.parquet beside has a row per cluster."""
    made_from = making(store, settings)
    manifest = make(store, made_from, lambda w: score(store, settings, engine, made_from, w))
    from resources import charts

    table = store.table(manifest, columns=["max_similarity"])
    similarity = table["max_similarity"].drop_null().to_numpy()
    histogram = charts.similarities(charts.similarity_counts(similarity), {}, [])
    sizes = store.table(manifest, CLUSTERS, ["size"])["size"].to_numpy()
    return result(
        manifest,
        mode=manifest.facts["mode"],
        shards=len(manifest.facts["snapshot"]),
        similarities=dg.MetadataValue.md(charts.markdown_picture(histogram)),
        cluster_sizes=dg.MetadataValue.md(charts.markdown_picture(charts.cluster_sizes(sizes))),
    )


@dataclasses.dataclass(frozen=True)
class _Columns:
    """The snapshot's training documents, sorted by doc_id."""

    ids: NDArray[np.bytes_]
    cluster: NDArray[np.int32]
    distance: NDArray[np.float32]


def score(store: Store, settings: Settings, engine: Engine, made_from: Making, writer: Writer) -> None:
    """Score the live shards' training documents and write documents and clusters."""
    writer.content = made_from.version  # mixtures also read the snapshot's signals, which it hashes
    taken = snapshot.take(store)
    documents = _columns(store, taken)
    members = snapshot.ClusterMembers(store, taken, documents.ids)
    n_clusters = store.required("centroids").rows
    all_pairs = len(documents.ids) <= settings.all_pairs_below_documents
    similarity = np.full(len(documents.ids), np.nan, np.float32)
    witness = np.full(len(documents.ids), NO_WITNESS, np.int64)

    def work(clusters: tuple[int, int]) -> tuple[NDArray[np.int64], EarlierMaxima]:
        rows, vectors = members.of(*clusters)
        order = rank(documents.distance[rows])
        return rows[order], earlier_maxima(vectors[order], block_rows=settings.block_rows)

    groups = [(0, n_clusters)] if all_pairs else [(c, c + 1) for c in range(n_clusters)]
    for ranked, found in tracked(engine.map(work, groups), "similarities", len(groups), "groups"):
        similarity[ranked] = found.similarity
        witness[ranked] = np.where(found.witness < 0, NO_WITNESS, ranked[found.witness])
    _write(writer, documents, similarity, witness, store)
    writer.facts |= {"mode": ALL_PAIRS if all_pairs else PER_CLUSTER, "snapshot": taken.shards}


def _columns(store: Store, taken: snapshot.Snapshot) -> _Columns:
    """Join the shards' documents with their assignments, training documents alone."""
    documents = taken.table(store, "raw_shards", ["doc_id", "split"])
    assigned = taken.table(store, "cluster_assignments", ["doc_id", "cluster", "distance"])
    training = documents.filter(pa.compute.equal(documents["split"], "train"))
    ids = np.sort(snapshot.ids_of(training["doc_id"]))
    rows = snapshot.positions(ids, snapshot.ids_of(assigned["doc_id"]))
    hit = rows >= 0
    cluster = np.zeros(len(ids), np.int32)
    distance = np.zeros(len(ids), np.float32)
    cluster[rows[hit]] = assigned["cluster"].to_numpy()[hit]
    distance[rows[hit]] = assigned["distance"].to_numpy()[hit]
    return _Columns(ids, cluster, distance)


def _write(
    writer: Writer,
    documents: _Columns,
    similarity: NDArray[np.float32],
    witness: NDArray[np.int64],
    store: Store,
) -> None:
    """Write the documents' and the clusters' tables."""
    none = witness < 0
    names = documents.ids.astype(str)
    writer.table(
        pa.table(
            {
                "doc_id": pa.array(names, pa.string()),
                "cluster": documents.cluster,
                "distance": documents.distance,
                "max_similarity": pa.array(similarity, mask=none),
                "witness": pa.array(names[np.maximum(witness, 0)], pa.string(), mask=none),
            }
        )
    )
    trained = store.vectors(store.required("centroids"))
    shape = geometry(documents.cluster, documents.distance, np.asarray(trained))
    numbers = pa.array(range(len(trained)), pa.int32())
    values = {n: pa.array(v, from_pandas=True) for n, v in dataclasses.asdict(shape).items()}
    writer.table(pa.table({"cluster": numbers, **values}), CLUSTERS)

"""Centroids: one spherical k-means over a sample, kept until someone asks for new ones."""

import math
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa

from assets.graph import snapshot
from assets.graph.build import BuildSpec, build, columns, result
from assets.ingest import embeddings
from guyot.cluster.assign import assign
from guyot.cluster.drift import FARTHEST, N_BINS, distance_counts, left_out_distances
from guyot.cluster.kmeans import KMeansSettings, gather, kmeans, sample_rows
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.models.encoder import EncoderResource
from resources.settings import Settings

CODE = "2"
DISTANCES = "distances.parquet"


def spec(store: Store, settings: Settings, encoder: EncoderResource) -> BuildSpec:
    """State what the centroids are made from."""
    shards = snapshot.live_shards(store)
    return BuildSpec(
        "centroids",
        {f"embeddings/{shard}": store.required("embeddings", shard).content for shard in shards},
        trained_with(settings, encoder),
        CODE,
    )


def trained_with(settings: Settings, encoder: EncoderResource) -> dict[str, Any]:
    """Return the settings that centroids are kept for."""
    asked = settings.select(
        "clustering.n_clusters", "clustering.iterations", "clustering.points_per_cluster", "seed"
    )
    return {**embeddings.encoder_settings(encoder), **asked}


@dg.asset(
    group_name="cluster",
    kinds={"faiss"},
    owners=["team:curation"],
    deps=["embeddings"],
    code_version=CODE,
    pool="memory",
    metadata=columns(
        cluster="int32: number of the centroid",
        sample_documents="int64: documents of the sample that are nearest to it",
    ),
)
def centroids(settings: Settings, store: Store, encoder: EncoderResource) -> dg.MaterializeResult[Any]:
    """One row is a centroid; the vectors lie beside, and how far the sample lay from them.

    Kept as shards come and go. New ones are asked for with `guyot backfill centroids`; the check of
    drift on cluster_assignments says when.
    """
    manifest = build(store, spec(store, settings, encoder), lambda w: train(store, settings, w))
    from assets.charts import charts

    picture = charts.markdown_picture(charts.objective(manifest.facts["objective"]))
    return result(
        manifest,
        sample_documents=manifest.facts["sample_documents"],
        objective=dg.MetadataValue.md(picture),
    )


def train(store: Store, settings: Settings, writer: Writer) -> None:
    """Train on a sample of the live shards' training documents and write the centroids."""
    taken = snapshot.take(store, ("raw_shards", "embeddings"))
    documents = taken.table(store, "raw_shards", ["doc_id", "split"])
    training = documents.filter(pa.compute.equal(documents["split"], "train"))
    ids = np.sort(snapshot.ids_of(training["doc_id"]))
    chosen = clustering(settings, len(ids))
    rows = sample_rows(snapshot.id_bits(ids), np.ones(len(ids), np.bool_), chosen)
    sample = gather(snapshot.SnapshotVectors(store, taken, ids), rows)
    found = kmeans(sample, chosen)
    writer.vectors(found.vectors)
    numbers = pa.array(range(len(found.vectors)), pa.int32())
    writer.table(pa.table({"cluster": numbers, "sample_documents": found.sample_members}))
    nearest = assign(sample, found.vectors, block_rows=settings.block_rows).cluster
    counts = distance_counts(left_out_distances(sample, nearest))
    writer.table(
        pa.table({"distance": np.arange(N_BINS) * FARTHEST / N_BINS, "documents": counts}), DISTANCES
    )
    writer.facts |= {
        "objective": list(found.objective),
        "sample_documents": len(sample),
        "n_clusters": len(found.vectors),
        "iterations": chosen.iterations,
        "seed": chosen.seed,
    }


def clustering(settings: Settings, n_documents: int) -> KMeansSettings:
    """Settle the settings of a clustering for a number of documents."""
    return KMeansSettings(
        n_clusters=settings.clustering.n_clusters or max(1, round(math.sqrt(n_documents))),
        iterations=settings.clustering.iterations,
        points_per_cluster=settings.clustering.points_per_cluster,
        seed=settings.seed,
    )

"""Centroids: one spherical k-means over a sample, kept until someone asks for new ones."""

import json
from collections.abc import Mapping
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.doc_ids import PACKED, id_bits, packed_ids_of, sorting_order
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.reads import shards
from assets.graph.snapshot import Snapshot, SnapshotVectors
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.embeddings import encoder_settings
from guyot.cluster.assign import assign
from guyot.cluster.centroid_groups import CentroidGroups
from guyot.cluster.drift import FARTHEST, N_BINS, distance_counts, left_out_distances
from guyot.cluster.kmeans import (
    MAX_UNGROUPED,
    KMeansSettings,
    default_n_clusters,
    gather,
    kmeans,
    sample_rows,
)
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.settings import Settings

CENTROIDS = TableSpec(
    "centroids",
    "a centroid",
    (
        ColumnSpec("cluster", pa.int32(), "number of the centroid"),
        ColumnSpec("sample_documents", pa.int64(), "documents of the sample that are nearest to it"),
    ),
)
DISTANCES = TableSpec(
    "centroid_distances",
    "a range of cosine distances",
    (
        ColumnSpec("distance", pa.float64(), "where the range begins"),
        ColumnSpec(
            "documents",
            pa.int64(),
            "documents of the sample whose distance to the others of their cluster lies in it",
        ),
    ),
    file="distances.parquet",
)
GROUPS, GROUPING = "groups.arrow", "groups.json"
KMEANS_SETTINGS = ("clustering.n_clusters", "clustering.iterations", "clustering.points_per_cluster", "seed")


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Draw how the objective fell."""
    from assets.charts import charts, drawing

    picture = drawing.markdown_picture(charts.objective(manifest.facts["objective"]))
    groups = manifest.facts.get("groups")
    of_groups = {"groups": len(groups["begins"]) - 1, "recall_of_nearest": groups["recall"]} if groups else {}
    return {
        "sample_documents": manifest.facts["sample_documents"],
        **of_groups,
        "objective": dg.MetadataValue.md(picture),
    }


def settings_of_training(lake: LakeResources, key: str) -> Mapping[str, Any]:
    """Return the encoder's settings, and how many centroids lie in groups where that many were asked for."""
    is_many = lake.settings.clustering.n_clusters > MAX_UNGROUPED
    return {**encoder_settings(lake, key), **({"max_ungrouped": MAX_UNGROUPED} if is_many else {})}


@lake_asset(
    group_name="cluster",
    tables=[CENTROIDS, DISTANCES],
    reads=[shards("embeddings"), shards("raw_shards", is_input=False)],
    settings=KMEANS_SETTINGS,
    settings_of=settings_of_training,
    shows=show,
    is_fitted=True,
    code_version="3",
    kinds=["faiss"],
    pool="memory",
)
def centroids(build: Build, writer: Writer) -> None:
    """One row is a centroid; the vectors lie beside, those of groups of many, and how far the sample lay.

    Kept as shards come and go. New ones are asked for with `guyot backfill centroids`; the check of
    drift on cluster_assignments says when.
    """
    reader, settings = build.reader, build.settings
    snapshot = build.snapshot("raw_shards", "embeddings")
    ids = _training_ids(reader, snapshot)
    chosen = clustering(settings, len(ids))
    rows = sample_rows(id_bits(ids), np.ones(len(ids), np.bool_), chosen)
    sample = gather(SnapshotVectors(reader, snapshot, ids), rows)
    found = kmeans(sample, chosen)
    writer.vectors(found.vectors)
    if found.groups is not None:
        writer.vectors(found.groups.vectors, GROUPS)
        groups = {"begins": found.groups.begins.tolist(), "probe_margin": found.groups.probe_margin}
        with writer.file(GROUPING) as file:  # so that they enter the content, as facts do not
            file.write(json.dumps(groups).encode())
        recall = {str(margin): share for margin, share in found.groups.recall.items()}
        writer.facts["groups"] = {**groups, "recall": recall}
    numbers = pa.array(range(len(found.vectors)), pa.int32())
    writer.table(pa.table([numbers, found.sample_members], schema=CENTROIDS.schema))
    nearest = assign(sample, found.vectors, groups=found.groups, block_rows=settings.block_rows).cluster
    counts = distance_counts(left_out_distances(sample, nearest))
    begins = np.arange(N_BINS) * FARTHEST / N_BINS
    writer.table(pa.table([begins, counts], schema=DISTANCES.schema), DISTANCES.file)
    writer.facts |= {
        "objective": list(found.objective),
        "sample_documents": len(sample),
        "n_clusters": len(found.vectors),
        "iterations": chosen.iterations,
        "seed": chosen.seed,
    }


def _training_ids(reader: TableReader, snapshot: Snapshot) -> NDArray[np.bytes_]:
    """Read the ids of a snapshot's training documents, sorted and packed: S16[n]."""
    snapshot.require_shards()
    found: list[NDArray[np.bytes_]] = []
    for manifest in snapshot.manifests(reader, "raw_shards"):
        documents = reader.table(manifest, columns=["doc_id", "split"])
        found.append(packed_ids_of(documents.filter(pc.equal(documents["split"], "train"))["doc_id"]))
    ids = np.concatenate([np.zeros(0, PACKED), *found])
    return ids[sorting_order(ids)]


def trained(reader: TableReader) -> tuple[NDArray[np.float16], CentroidGroups | None]:
    """Read the live centroids: float16[k, d], and their groups where there are many."""
    manifest = reader.required("centroids")
    fact = manifest.facts.get("groups")
    if fact is None:
        return reader.whole_vectors(manifest), None
    recall = {float(margin): share for margin, share in fact["recall"].items()}
    begins, vectors = np.array(fact["begins"], np.int64), reader.whole_vectors(manifest, GROUPS)
    return reader.whole_vectors(manifest), CentroidGroups(vectors, begins, fact["probe_margin"], recall)


def clustering(settings: Settings, n_documents: int) -> KMeansSettings:
    """Return the settings of a clustering for a number of documents."""
    return KMeansSettings(
        n_clusters=settings.clustering.n_clusters or default_n_clusters(n_documents),
        iterations=settings.clustering.iterations,
        points_per_cluster=settings.clustering.points_per_cluster,
        seed=settings.seed,
    )

"""Assignments: each document's two nearest centroids, exactly; of many those of the nearest groups."""

from collections.abc import Mapping

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.cluster.centroids import DISTANCES, trained
from assets.cluster.scoring import cluster_members
from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.check import lake_check
from assets.graph.doc_ids import id_column, ids_of
from assets.graph.lake import LakeResources
from assets.graph.partitions import SHARDS
from assets.graph.reader import TableReader
from assets.graph.reads import one, same
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.cluster.assign import NO_CLUSTER, assign
from guyot.cluster.drift import N_BINS, distance_counts, largest_gap
from resources.lake.writer import Writer

ASSIGNMENTS = TableSpec(
    "cluster_assignments",
    "a document",
    (
        ColumnSpec("doc_id", pa.string(), "the document", source="embeddings.doc_id"),
        ColumnSpec("cluster", pa.int32(), "nearest centroid; ties to the lower number"),
        ColumnSpec("distance", pa.float32(), "cosine distance to it, 0-2"),
        ColumnSpec("second_cluster", pa.int32(), "second nearest centroid; null where there is only one"),
        ColumnSpec("second_distance", pa.float32(), "cosine distance to that"),
    ),
)
MIN_NEW_DOCUMENTS = 100  # the gap of fewer is mostly chance


@lake_asset(
    group_name="cluster",
    partitions_def=SHARDS,
    tables=[ASSIGNMENTS],
    reads=[same("embeddings"), one("centroids")],
    code_version="1",
)
def cluster_assignments(build: Build, writer: Writer) -> None:
    """One row is a document; sorted by (cluster, distance, doc_id), its vectors beside in that order."""
    reader = build.reader
    embedded = build.input("embeddings")
    centroids, groups = trained(reader)
    ids = ids_of(reader.table(embedded, columns=["doc_id"])["doc_id"])
    vectors = reader.whole_vectors(embedded) if len(ids) else np.zeros((0, centroids.shape[1]), np.float16)
    found = assign(vectors, centroids, groups=groups, block_rows=build.settings.block_rows)
    order = np.lexsort((ids, found.distance, found.cluster))
    has_no_second = found.second_cluster[order] == NO_CLUSTER
    columns = [
        id_column(ids[order]),
        found.cluster[order],
        found.distance[order],
        pa.array(found.second_cluster[order], mask=has_no_second),
        pa.array(found.second_distance[order], mask=has_no_second),
    ]
    writer.table(pa.table(columns, schema=ASSIGNMENTS.schema))
    sorted_vectors = vectors[order]
    writer.vectors(sorted_vectors)
    ends = np.searchsorted(found.cluster[order], np.arange(len(centroids) + 1)).tolist()
    writer.facts["offsets"] = ends
    writer.facts["crc32s"] = cluster_members.checksums(sorted_vectors, ends)


@lake_check(asset="cluster_assignments", reads=["centroids", "embeddings"])
def cluster_assignments_have_not_drifted(lake: LakeResources, reader: TableReader) -> dg.AssetCheckResult:
    """Documents that came after the centroids lie as far from them as those that they were made of."""
    from assets.charts import drawing
    from assets.charts.drift import drift

    centroids, threshold = reader.required("centroids"), lake.settings.clustering.drift_threshold
    before = reader.table(centroids, DISTANCES.file)["documents"].to_numpy()
    after = _distances_since(reader, lake.shards(), centroids.inputs)
    counts = {"documents_at_training": int(before.sum()), "new_documents": int(after.sum())}
    if after.sum() < MIN_NEW_DOCUMENTS or not before.sum():
        message = f"fewer than {MIN_NEW_DOCUMENTS} documents came since the centroids were trained"
        return dg.AssetCheckResult(passed=True, description=message, metadata=counts)
    gap = largest_gap(before, after)
    passed = gap <= threshold
    advice = "" if passed else "; train new ones: guyot backfill centroids"
    return dg.AssetCheckResult(
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"largest gap of cumulative shares {gap:.3f}, threshold {threshold}{advice}",
        metadata={
            **counts,
            "largest_gap": gap,
            "distances": dg.MetadataValue.md(drawing.markdown_picture(drift(before, after, gap))),
        },
    )


def _distances_since(
    reader: TableReader, shards: list[str], trained_on: Mapping[str, str]
) -> NDArray[np.int64]:
    """Count the distances of documents in shards whose embeddings the centroids were not made of."""
    counts = np.zeros(N_BINS, np.int64)
    for shard in shards:
        embedded, assigned = reader.current("embeddings", shard), reader.current("cluster_assignments", shard)
        if embedded is None or assigned is None or trained_on.get(f"embeddings/{shard}") == embedded.content:
            continue
        counts += distance_counts(reader.table(assigned, columns=["distance"])["distance"].to_numpy())
    return counts

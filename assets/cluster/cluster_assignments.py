"""Cluster assignments: the two nearest centroids of every document, exactly."""

import numpy as np
import pyarrow as pa

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.doc_ids import id_column, ids_of
from assets.graph.partitions import SHARDS
from assets.graph.reads import one, same
from assets.graph.tables import Column, Table
from guyot.cluster.assign import NO_CLUSTER, assign
from resources.lake.writer import Writer

ASSIGNMENTS = Table(
    "cluster_assignments",
    "a document",
    (
        Column("doc_id", pa.string(), "the document", source="embeddings.doc_id"),
        Column("cluster", pa.int32(), "nearest centroid; ties to the lower number"),
        Column("distance", pa.float32(), "cosine distance to it, 0-2"),
        Column("second_cluster", pa.int32(), "second nearest centroid; null where there is only one"),
        Column("second_distance", pa.float32(), "cosine distance to that"),
    ),
)


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
    embedded = reader.required("embeddings", build.key)
    centroids = reader.vectors(reader.required("centroids"))[:]
    ids = ids_of(reader.table(embedded, columns=["doc_id"])["doc_id"])
    vectors = reader.vectors(embedded)[:] if len(ids) else np.zeros((0, centroids.shape[1]), np.float16)
    found = assign(vectors, centroids, block_rows=build.settings.block_rows)
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
    writer.vectors(vectors[order])
    ends = np.searchsorted(found.cluster[order], np.arange(len(centroids) + 1))
    writer.facts["offsets"] = ends.tolist()

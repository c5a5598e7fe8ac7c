"""Cluster assignments: the two nearest centroids of every document, exactly."""

from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa

from assets.graph import snapshot
from assets.graph.build import BuildSpec, build, columns, describe_partitions
from assets.graph.partitions import ONE_RUN, SHARDS
from guyot.cluster.assign import NO_CLUSTER, assign
from resources.engines.threads import Engine
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.settings import Settings

CODE = "1"


def spec(store: Store, shard: str) -> BuildSpec:
    """State what a shard's assignments are made from."""
    inputs = {
        "embeddings": store.required("embeddings", shard).content,
        "centroids": store.required("centroids").content,
    }
    return BuildSpec("cluster_assignments", inputs, {}, CODE, shard)


@dg.asset(
    group_name="cluster",
    kinds={"parquet"},
    owners=["team:curation"],
    partitions_def=SHARDS,
    backfill_policy=ONE_RUN,
    deps=["embeddings", "centroids"],
    code_version=CODE,
    metadata=columns(
        doc_id="string: the document",
        cluster="int32: nearest centroid; ties to the lower number",
        distance="float: cosine distance to it, 0-2",
        second_cluster="int32: second nearest centroid; null where there is only one",
        second_distance="float: cosine distance to that",
    ),
)
def cluster_assignments(
    context: dg.AssetExecutionContext, settings: Settings, store: Store, engine: Engine
) -> dg.MaterializeResult[Any]:
    """One row is a document; sorted by (cluster, distance, doc_id), its vectors beside in that order."""

    def work(shard: str) -> Manifest:
        return build(store, spec(store, shard), lambda writer: assign_shard(store, settings, shard, writer))

    shards = list(context.partition_keys)
    return describe_partitions(context, engine.map(work, shards), len(shards))


def assign_shard(store: Store, settings: Settings, shard: str, writer: Writer) -> None:
    """Assign one shard's documents and write them sorted, with their vectors."""
    source = store.required("embeddings", shard)
    vectors = store.vectors(source)[:]
    trained = store.vectors(store.required("centroids"))[:]
    ids = snapshot.ids_of(store.table(source, columns=["doc_id"])["doc_id"])
    if not len(ids):
        vectors = np.zeros((0, trained.shape[1]), np.float16)
    found = assign(vectors, trained, block_rows=settings.block_rows)
    order = np.lexsort((ids, found.distance, found.cluster))
    lacking = found.second_cluster[order] == NO_CLUSTER
    writer.table(
        pa.table(
            {
                "doc_id": snapshot.id_column(ids[order]),
                "cluster": found.cluster[order],
                "distance": found.distance[order],
                "second_cluster": pa.array(found.second_cluster[order], mask=lacking),
                "second_distance": pa.array(found.second_distance[order], mask=lacking),
            }
        )
    )
    writer.vectors(vectors[order])
    ends = np.searchsorted(found.cluster[order], np.arange(len(trained) + 1))
    writer.facts["offsets"] = ends.tolist()

"""Ingest: per shard, from source files down to embeddings and assignments."""

import dagster as dg

scan = dg.define_asset_job(
    "scan",
    selection=dg.AssetSelection.assets("shard_registry"),
    description="List the source files and give the new ones to shards.",
)
ingest = dg.define_asset_job(
    "ingest",
    selection=dg.AssetSelection.assets("raw_shards", "quality_signals", "embeddings", "cluster_assignments"),
    description="Read, measure, embed and assign the documents of the shards asked for.",
)
JOBS = [scan, ingest]

"""Curate: scores, mixtures and schedules for a snapshot of the live shards."""

import dagster as dg

score = dg.define_asset_job(
    "score",
    selection=dg.AssetSelection.assets("cluster_scores"),
    description="Take a snapshot of the live shards and score its documents.",
)
curate = dg.define_asset_job(
    "curate",
    selection=dg.AssetSelection.groups("prune"),
    description="Cut the mixtures of the recipes asked for, and plan their epochs.",
)
JOBS = [score, curate]

"""The deployment: which assets, checks, jobs and resources make it up. Wiring only."""

import dagster as dg

from assets import checks
from assets.audit import agreement, corruption_sensitivity, duplicate_truth, length_confound, shift
from assets.cluster import centroids, cluster_assignments, cluster_scores, minhash_scores
from assets.ingest import (
    embeddings,
    minhash_signatures,
    quality_signals,
    raw_shards,
    shard_registry,
    tokenizer,
)
from assets.prune import epoch_schedules, pruned_mixtures
from assets.publish import catalogue, report
from assets.train import evaluations, leaderboard, training_runs
from jobs import curate, for_lake, ingest, train

defs = dg.Definitions(
    assets=dg.load_assets_from_modules(
        [
            shard_registry, raw_shards, tokenizer, quality_signals, minhash_signatures, embeddings,
            centroids, cluster_assignments, cluster_scores, minhash_scores, corruption_sensitivity,
            duplicate_truth, pruned_mixtures, length_confound, agreement, shift, epoch_schedules,
            training_runs, evaluations, leaderboard, catalogue, report,
        ]
    ),
    asset_checks=dg.load_asset_checks_from_modules([checks, corruption_sensitivity, length_confound, shift]),
    jobs=[*ingest.JOBS, *curate.JOBS, *train.JOBS],
    sensors=[ingest.ingest_changed_shards],
    schedules=[curate.curate_nightly],
    executor=dg.in_process_executor,  # a step works in threads; a process for each would only start slowly
    resources=for_lake(),
)  # fmt: skip

"""The deployment: which assets, checks, jobs and resources make it up. Wiring only."""

import dagster as dg

from assets import (
    agreement,
    catalogue,
    centroids,
    checks,
    cluster_assignments,
    cluster_scores,
    corruption_sensitivity,
    duplicate_truth,
    embeddings,
    epoch_schedules,
    evaluations,
    leaderboard,
    length_confound,
    minhash_scores,
    minhash_signatures,
    pruned_mixtures,
    quality_signals,
    raw_shards,
    report,
    shard_registry,
    shift,
    tokenizer,
    training_runs,
)
from jobs import curate, ingest, train
from resources import for_lake

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

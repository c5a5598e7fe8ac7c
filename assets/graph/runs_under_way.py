"""Which of Dagster's runs are under way, and whether one of them builds partitions of shards."""

from collections.abc import Mapping

import dagster as dg

from assets.graph import dagster_internals
from assets.graph.shard_partitions import names_shards

PARTITION = "dagster/partition"  # tags of a run
FIRST, LAST = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
_DONE = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
UNDER_WAY = [status for status in dg.DagsterRunStatus if status not in _DONE]
_LATEST = 100  # failed runs that may be waiting to be tried again


def is_of_shards(tags: Mapping[str, str]) -> bool:
    """Return whether a run builds partitions of shards, by its tags.

    Examples
    --------
    >>> is_of_shards({PARTITION: "shard-00021"}), is_of_shards({FIRST: "shards-00016-00031"})
    (True, True)
    >>> is_of_shards({PARTITION: "d4|0"}), is_of_shards({})
    (False, False)
    """
    return names_shards(tags.get(PARTITION) or tags.get(FIRST) or "")


def is_building_shards(instance: dg.DagsterInstance) -> bool:
    """Return whether a run of shards has not ended or is tried again, or a backfill has runs to come."""
    failed = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]), limit=_LATEST)
    runs = [
        *instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY)),
        *(run for run in failed if run.is_complete_and_waiting_to_retry),
    ]
    return any(is_of_shards(run.tags) for run in runs) or dagster_internals.has_open_backfills(instance)

"""Partitions of shards keep their names while something is to build them, and only then."""

import dagster as dg
import pytest
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill

from assets.graph.partitions import SHARDS
from assets.graph.runs_under_way import FIRST, LAST, PARTITION, UNDER_WAY, is_building_shards
from definitions import defs

STATUSES = [status for status in UNDER_WAY if status is not dg.DagsterRunStatus.QUEUED]  # comes from a server
ONE, GROUPS = {PARTITION: "shard-00003"}, {FIRST: "shards-00000-00003", LAST: "shards-00008-00011"}


@pytest.fixture
def instance() -> dg.DagsterInstance:
    instance = dg.DagsterInstance.ephemeral()
    keys = ["shard-00003", "shards-00000-00003", "shards-00004-00007", "shards-00008-00011"]
    instance.add_dynamic_partitions(str(SHARDS.name), keys)
    return instance


def add_run(
    instance: dg.DagsterInstance, tags: dict[str, str], status: dg.DagsterRunStatus, job: str = "ingest"
) -> None:
    instance.create_run_for_job(defs.resolve_job_def(job), tags=tags, status=status)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("tags", [ONE, GROUPS], ids=["one", "groups"])
def test_a_run_of_shards_that_has_not_ended_builds_them(
    instance: dg.DagsterInstance, tags: dict[str, str], status: dg.DagsterRunStatus
) -> None:
    add_run(instance, tags, status)
    assert is_building_shards(instance)


def test_a_queued_run_is_under_way() -> None:
    assert dg.DagsterRunStatus.QUEUED in UNDER_WAY


def test_runs_of_recipes_and_those_that_ended_do_not(instance: dg.DagsterInstance) -> None:
    for tags in ({PARTITION: "d4|0"}, {FIRST: "d4", LAST: "scip"}, {}):
        add_run(instance, tags, dg.DagsterRunStatus.STARTED, "curate" if FIRST in tags else "fit")
    for status in (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED):
        add_run(instance, ONE, status)
    assert not is_building_shards(instance)


def test_a_failed_run_that_is_to_be_tried_again_does(instance: dg.DagsterInstance) -> None:
    tags = {**ONE, "dagster/will_retry": "true"}
    add_run(instance, tags, dg.DagsterRunStatus.FAILURE)
    assert is_building_shards(instance)


def test_a_backfill_with_runs_to_come_does(instance: dg.DagsterInstance) -> None:
    backfill = PartitionBackfill(
        backfill_id="asked", status=BulkActionStatus.REQUESTED, from_failure=False, tags={},
        backfill_timestamp=0.0, asset_selection=[dg.AssetKey("raw_shards")],
    )  # fmt: skip
    instance.add_backfill(backfill)
    assert is_building_shards(instance)
    instance.update_backfill(backfill.with_status(BulkActionStatus.COMPLETED_SUCCESS))
    assert not is_building_shards(instance)

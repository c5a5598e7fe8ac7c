"""A request has the name of its work; it is not made twice, and no more than three times in vain."""

from pathlib import Path

import dagster as dg
import pytest
from support.lake import copy_of, graph_lake
from support.runs import execute, execute_broken

from assets.graph import plan
from assets.graph.lake import LakeResources
from jobs.requests import REQUEST_TAG, UNDER_WAY, Request, busy_partitions, refusal, under_way

SHARDS = ["a", "b", "c", "d"]


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> LakeResources:
    return copy_of(graph_lake(tmp_path_factory), tmp_path / "lake")


@pytest.fixture
def instance() -> dg.DagsterInstance:
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("shards", [*SHARDS, "elsewhere"])
    return instance


def begun(instance: dg.DagsterInstance, request: Request, status: dg.DagsterRunStatus) -> dg.DagsterRun:
    """Put a run into the event log that is no further than this."""
    asked = request.run_request()
    selection = frozenset(asked.asset_selection) if asked.asset_selection else None
    run = instance.create_run_for_job(_job(), tags=asked.tags, asset_selection=selection, status=status)
    return instance.get_run_by_id(run.run_id) or run


def _job() -> dg.JobDefinition:
    from definitions import defs

    return defs.resolve_job_def("ingest")


def test_the_name_is_of_the_work_alone() -> None:
    request = Request("ingest", "x", ("raw_shards",), ("a", "b"), 2)
    assert request.name == Request("ingest", "x", ("raw_shards",), ("a", "b"), 2).name
    others = [
        Request("scan", "x", ("raw_shards",), ("a", "b"), 2), Request("ingest", "y", ("raw_shards",), ("a", "b"), 2),
        Request("ingest", "x", (), ("a", "b"), 2), Request("ingest", "x", ("raw_shards",), ("a", "c"), 2),
    ]  # fmt: skip
    assert len({request.name, *(other.name for other in others)}) == 5
    assert str(request) == "ingest over 2 partitions from a"
    assert str(Request("scan", "x")) == "scan"


def test_a_run_request_has_the_range_or_the_one_partition() -> None:
    asked = Request("ingest", "x", ("raw_shards",), ("a", "b"), 2).run_request()
    assert asked.asset_selection == [dg.AssetKey("raw_shards")]
    assert {key.rpartition("/")[2]: value for key, value in asked.tags.items() if "dagster" in key} == {
        "asset_partition_range_start": "a", "asset_partition_range_end": "b"}  # fmt: skip
    assert Request("ingest", "x", (), ("a", "a"), 1).run_request().tags["dagster/partition"] == "a"
    assert list(Request("scan", "x").run_request().tags) == [REQUEST_TAG]


@pytest.mark.parametrize("status", [status for status in UNDER_WAY if status != dg.DagsterRunStatus.QUEUED])
def test_what_is_under_way_is_not_asked_for(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus
) -> None:
    request = Request("ingest", "x", plan.per_shard(), ("b", "c"), 2)
    assert refusal(instance, request) == ""
    run = begun(instance, request, status)
    assert refusal(instance, request) == f"ingest over 2 partitions from b is under way: run {run.run_id}"
    assert refusal(instance, Request("ingest", "y", plan.per_shard(), ("b", "c"), 2)) == ""
    assert under_way(instance, "ingest") == run
    assert under_way(instance, "scan") is None


def test_busy_partitions_are_those_of_unfinished_runs_of_the_assets(instance: dg.DagsterInstance) -> None:
    begun(instance, Request("ingest", "x", ("embeddings",), ("b", "c"), 2), dg.DagsterRunStatus.STARTING)
    begun(instance, Request("ingest", "x", ("raw_shards",), ("d", "d"), 1), dg.DagsterRunStatus.STARTED)
    begun(instance, Request("ingest", "x", ("raw_shards",), ("a", "a"), 1), dg.DagsterRunStatus.FAILURE)
    begun(
        instance,
        Request("ingest", "x", ("raw_shards",), ("elsewhere", "elsewhere"), 1),
        dg.DagsterRunStatus.STARTED,
    )
    assert busy_partitions(instance, plan.per_shard(), SHARDS) == {"b", "c", "d"}
    assert busy_partitions(instance, ("embeddings",), SHARDS) == {"b", "c"}
    assert busy_partitions(instance, ("catalogue",), SHARDS) == set()
    begun(instance, Request("ingest", "x", (), ("a", "a"), 1), dg.DagsterRunStatus.STARTED)
    assert busy_partitions(instance, ("raw_shards",), SHARDS) == {"a", "d"}


def test_after_three_failures_the_last_one_is_named_until_the_work_changes(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    request = Request("scan", "x")
    for _ in range(3):
        assert refusal(instance, request) == ""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GUYOT_SOURCE", "/nowhere/at/all")
            failed = execute(lake, instance, request)
        assert not failed.success
    said = refusal(instance, request)
    assert said.startswith(
        f"scan failed 3 times, the last time in run {failed.run_id}; it is asked for again when"
    )
    assert refusal(instance, Request("scan", "y")) == ""
    assert execute(lake, instance, request).success, "a person asks"
    assert refusal(instance, request) == "", "failures before a success are forgotten"


def test_a_run_that_someone_canceled_is_not_asked_for_again(instance: dg.DagsterInstance) -> None:
    request = Request("ingest", "x", plan.per_shard(), ("b", "c"), 2)
    run = begun(instance, request, dg.DagsterRunStatus.CANCELED)
    assert f"was canceled: run {run.run_id}" in refusal(instance, request)


def test_a_failed_run_that_dagster_will_retry_is_under_way(instance: dg.DagsterInstance) -> None:
    request = Request("ingest", "x", plan.per_shard(), ("b", "c"), 2)
    run = begun(instance, request, dg.DagsterRunStatus.FAILURE)
    assert refusal(instance, request) == ""
    instance.add_run_tags(run.run_id, {"dagster/will_retry": "true"})
    assert "is under way" in refusal(instance, request)
    instance.add_run_tags(run.run_id, {"dagster/auto_retry_run_id": "another"})
    assert refusal(instance, request) == ""


def test_a_broken_lake_fails_the_run(lake: LakeResources, instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("shards", lake.shards())
    shard = lake.shards()[0]
    assert not execute_broken(
        lake, instance, Request("ingest", "x", ("raw_shards",), (shard, shard), 1)
    ).success
    assert execute(lake, instance, Request("ingest", "x", ("raw_shards",), (shard, shard), 1)).success

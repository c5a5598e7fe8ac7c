"""Thousands of shards are groups of Dagster's partitions; each shard stays a partition of the lake's."""

from pathlib import Path

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.lake import copy_with_source, graph_lake, lake_at
from support.lake_state import state_of
from support.runs import execute, made

from assets.graph import discover, plan, shard_partitions
from assets.graph.lake import LakeResources
from assets.graph.partitions import SHARDS
from assets.graph.shard_partitions import MOST_PARTITIONS, ShardPartitions, key_named, keys_named, size_wanted
from guyot.errors import MissingError, SettingError
from jobs import ingest
from jobs.materialize import backfill, materialize_stale
from jobs.requests import Request
from jobs.runner import runner_of
from jobs.spans import span_tags
from jobs.stages import stage_of

NAME = str(SHARDS.name)
NUMBERS = st.sets(st.integers(0, 70_000), max_size=60)


def named(numbers: set[int]) -> list[str]:
    return sorted(f"shard-{number:05d}" for number in numbers)


@given(NUMBERS, st.integers(1, 300))
def test_every_shard_is_in_one_partition_and_no_partition_is_empty(numbers: set[int], size: int) -> None:
    shards = named(numbers)
    partitions = ShardPartitions(keys_named(shards, size))
    groups = [ShardPartitions([key]).shards_of(shards) for key in partitions.keys]
    assert [shard for group in groups for shard in group] == shards
    assert all(0 < len(group) <= size for group in groups)
    assert partitions.shards_of(shards) == shards
    assert partitions.keys_of(shards) == partitions.keys
    assert [key for key, group in zip(partitions.keys, groups, strict=True) for _ in group] == [
        partitions.key_of(shard) for shard in shards
    ]


@given(NUMBERS, st.integers(0, 70_000), st.integers(1, 300))
def test_a_new_shard_changes_no_other_partition(numbers: set[int], new: int, size: int) -> None:
    before, after = (set(keys_named(named(some), size)) for some in (numbers, numbers | {new}))
    assert before <= after
    assert len(after) <= len(before) + 1


@pytest.mark.parametrize(
    ("n_shards", "expected"),
    [(0, 1), (1, 1), (2_000, 1), (2_001, 2), (4_000, 2), (4_001, 4), (20_000, 16)],
)
def test_there_are_as_few_shards_in_a_partition_as_leave_two_thousand(n_shards: int, expected: int) -> None:
    assert size_wanted([], n_shards, 0) == expected
    shards = named(set(range(n_shards)))
    assert len(keys_named(shards, expected)) == -(-n_shards // expected) <= MOST_PARTITIONS


def test_partitions_do_not_shrink_by_themselves() -> None:
    now = keys_named(named({0, 1, 2, 9}), 4)
    assert size_wanted(now, 10, 0) == 4
    assert size_wanted(now, 10_000, 0) == 8
    assert size_wanted(now, 10_000, 2) == 2, "who asks for a size gets it"


def test_partitions_of_two_sizes_name_their_shards() -> None:
    partitions = ShardPartitions(["shards-00002-00003", "shard-00009", "shards-00004-00007"])
    assert partitions.shards_of(named({0, 1, 2, 3, 9})) == named({2, 3, 9})
    assert ShardPartitions(["shard-00007"]).shards_of(named({1})) == ["shard-00007"], "it is said to be gone"
    assert partitions.key_of("d4") is None


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> LakeResources:
    """Return a finished lake of a shard a partition, with a source of its own to change."""
    return copy_with_source(graph_lake(tmp_path_factory), tmp_path)


def grouped(lake: LakeResources) -> LakeResources:
    return LakeResources(lake.settings.changed(automation__shards_per_partition=3))


def add_file(lake: LakeResources) -> None:
    folder = Path(lake.settings.source) / "package98"
    folder.mkdir()
    (folder / "new.py").write_text("def new():\n    return 'what came later'\n")


def written(lake: LakeResources, shard: str) -> int:
    """When the live version of a shard's documents was written, in nanoseconds."""
    version = lake.store.required("raw_shards", shard).version
    return Path(lake.store.path("raw_shards", shard), version, "manifest.json").stat().st_mtime_ns


def test_a_grouped_lake_has_the_tables_of_one_that_is_not(lake: LakeResources, tmp_path: Path) -> None:
    beside = lake_at(tmp_path / "beside", Path(lake.settings.source))
    materialize_stale(beside.settings, None, "pruned_mixtures")
    groups = lake_at(tmp_path / "groups", Path(lake.settings.source), automation__shards_per_partition=3)
    materialize_stale(groups.settings, None, "pruned_mixtures")
    assert state_of(groups) == state_of(beside)
    with runner_of(groups.settings) as runner:
        assert runner.partitions("raw_shards") == keys_named(groups.shards(), 3)
        assert len(runner.partitions("raw_shards")) == -(-len(groups.shards()) // 3)


def test_of_a_group_only_what_is_stale_is_made(lake: LakeResources) -> None:
    before = set(lake.shards())
    live = {shard: written(lake, shard) for shard in before}
    add_file(lake)
    groups = grouped(lake)
    materialize_stale(groups.settings, [], "cluster_assignments")
    (new,) = set(lake.shards()) - before
    assert {shard: written(lake, shard) for shard in before} == live
    key = key_named(new, 3)
    with runner_of(groups.settings) as runner:
        found = runner.instance.get_latest_materialization_event(dg.AssetKey("raw_shards"))
    assert found is not None
    assert found.asset_materialization is not None
    assert found.asset_materialization.partition == key
    told = found.asset_materialization.metadata
    inside = ShardPartitions([key]).shards_of(lake.shards())
    assert told["dagster/row_count"].value == sum(
        lake.store.required("raw_shards", shard).rows for shard in inside
    )
    lines = str(told["shards"].value).splitlines()[2:]
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines] == inside
    assert [line for line in lines if "this run" in line] == [line for line in lines if new in line]


def test_what_is_fitted_anew_measures_every_group(lake: LakeResources) -> None:
    other = LakeResources(grouped(lake).settings.changed(tokenization__vocabulary_size=310))
    assert plan.unfitted(other) == ["tokenizer"]
    materialize_stale(other.settings, [], "quality_signals")
    assert not plan.unfitted(other)
    assert not plan.stale(discover.asset("quality_signals"), other)


def test_a_backfill_takes_a_shard_or_its_partition(lake: LakeResources) -> None:
    groups = grouped(lake)
    shard = lake.shards()[-1]
    key = key_named(shard, 3)
    assert backfill(groups.settings, ["shard_registry", "raw_shards"], [shard]) == ["raw_shards"]
    assert backfill(groups.settings, ["raw_shards"], [key]) == ["raw_shards"]
    inside = key.rpartition("-")[2]  # the last number of the last group, which no shard has yet
    for unknown in ("shard-99999", f"shard-{inside}"):
        assert unknown not in lake.shards()
        with pytest.raises(SettingError, match=f"'{unknown}' of raw_shards was asked for; it has"):
            backfill(groups.settings, ["raw_shards"], [unknown])


@pytest.fixture
def instance(lake: LakeResources) -> dg.DagsterInstance:
    """Return an event log in which the lake's shards are partitions each by itself."""
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions(NAME, lake.shards())
    return instance


def test_the_sensor_asks_for_the_group_of_a_stale_shard(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    groups = grouped(lake)
    assert ingest.decide(instance, groups).reason == f"{len(lake.shards())} shards, all current"
    assert execute(groups, instance, Request("scan", "by hand")).success
    assert instance.get_dynamic_partitions(NAME) == keys_named(lake.shards(), 3)
    for beside in (groups, lake):  # who asks for no size goes by the one that there is
        assert ingest.decide(instance, beside).reason == f"{len(lake.shards())} shards, all current"
    shard = lake.shards()[-1]
    (Path(lake.store.path("embeddings", shard)) / "current").unlink()
    (request,) = ingest.decide(instance, groups).requests
    key = key_named(shard, 3)
    assert (request.span, request.n_partitions) == ((key, key), 1)
    assert set(made(execute(groups, instance, request))["embeddings"]) == {key}
    assert ingest.decide(instance, groups).reason == f"{len(lake.shards())} shards, all current"


def test_partitions_keep_their_size_while_a_run_builds_some(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    from definitions import defs

    span, job = (lake.shards()[0], lake.shards()[1]), defs.resolve_job_def("ingest")
    run = instance.create_run_for_job(job, tags=span_tags(span), status=dg.DagsterRunStatus.STARTED)
    assert execute(grouped(lake), instance, Request("scan", "by hand")).success
    assert instance.get_dynamic_partitions(NAME) == lake.shards()
    instance.report_run_failed(run)
    assert execute(grouped(lake), instance, Request("scan", "by hand")).success
    assert instance.get_dynamic_partitions(NAME) == keys_named(lake.shards(), 3)


def test_the_sensor_asks_for_groups_where_partitions_are_too_many(
    lake: LakeResources, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard_partitions, "MOST_PARTITIONS", 2)
    (request,) = ingest.decide(instance, lake).requests
    assert request.job == "scan"
    assert execute(lake, instance, request).success
    assert instance.get_dynamic_partitions(NAME) == keys_named(lake.shards(), 2)
    assert ingest.decide(instance, lake).reason == f"{len(lake.shards())} shards, all current"


def test_a_shard_that_dagster_does_not_know_stops_a_run_with_a_sentence(lake: LakeResources) -> None:
    assets = list(plan.until(None))
    with runner_of(lake.settings) as runner, pytest.raises(MissingError, match="run again"):
        stage_of(assets[0], ["shard-77777"], assets[1:], runner)

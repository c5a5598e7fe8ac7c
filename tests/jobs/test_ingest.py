"""The jobs of ingest have exactly their assets; the sensor asks for what is stale, once, and for nothing else."""

import time
from pathlib import Path

import dagster as dg
import pytest
from support.lake import copy_with_source, graph_lake, lake_at, write_corpus
from support.runs import execute, execute_broken, made

from assets.graph import plan
from assets.graph.lake import LakeResources
from assets.graph.partitions import SHARDS
from guyot.errors import SettingError
from jobs import ingest
from jobs.requests import Request
from resources.setting_names import variable
from resources.settings import Settings


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> LakeResources:
    """Return a finished lake with a source of its own to change."""
    return copy_with_source(graph_lake(tmp_path_factory), tmp_path)


@pytest.fixture
def instance(lake: LakeResources) -> dg.DagsterInstance:
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions(str(SHARDS.name), lake.shards())
    return instance


def decide(lake: LakeResources, instance: dg.DagsterInstance, found_current: str = "") -> ingest.Decision:
    return ingest.decide(instance, lake, found_current)


def settle_down(lake: LakeResources, instance: dg.DagsterInstance) -> list[tuple[str, dict[str, list[str]]]]:
    """Execute what is asked for until nothing is; return each job with what it made."""
    done: list[tuple[str, dict[str, list[str]]]] = []
    for _ in range(12):
        decision = decide(lake, instance)
        if not decision.requests:
            assert decision.current, decision.reason
            return done
        for request in decision.requests:
            outcome = execute(lake, instance, request)
            assert outcome.success
            done.append((request.job, made(outcome)))
    raise AssertionError(done)


def assets_of(job: str) -> set[str]:
    from definitions import defs

    return {key.to_user_string() for key in defs.resolve_job_def(job).asset_layer.executable_asset_keys}


def test_each_job_has_its_assets_and_no_other() -> None:
    assert [job.name for job in ingest.JOBS] == ["scan", "ingest", "fit"]
    assert assets_of("scan") == {"shard_registry"}
    assert assets_of("ingest") == set(plan.per_shard())
    assert assets_of("fit") == {"tokenizer", "centroids"}
    assert all(job.description for job in ingest.JOBS)


def test_from_nothing_the_sensor_asks_step_by_step_and_then_for_nothing(tmp_path: Path) -> None:
    write_corpus(tmp_path / "source")
    lake, instance = lake_at(tmp_path / "lake", tmp_path / "source"), dg.DagsterInstance.ephemeral()
    done = settle_down(lake, instance)
    shards = lake.shards()
    assert done == [
        ("scan", {"shard_registry": [""]}),
        ("ingest", {"raw_shards": shards, "embeddings": shards}),
        ("fit", {"tokenizer": [""], "centroids": [""]}),
        ("ingest", dict.fromkeys(plan.per_shard(lake), shards)),
    ]
    assert decide(lake, instance).reason == f"{len(shards)} shards, all current"
    assert len(instance.get_runs()) == len(done)


def test_an_empty_source_is_scanned_once(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    lake, instance = lake_at(tmp_path / "lake", tmp_path / "source"), dg.DagsterInstance.ephemeral()
    assert settle_down(lake, instance) == [("scan", {"shard_registry": [""]})]
    assert decide(lake, instance).reason == "0 shards, all current"


def test_a_new_file_is_ingested_alone(lake: LakeResources, instance: dg.DagsterInstance) -> None:
    before = lake.shards()
    (Path(lake.settings.source) / "package99").mkdir()
    (Path(lake.settings.source) / "package99" / "new.py").write_text("def new():\n    return 99\n")
    done = settle_down(lake, instance)
    (new,) = set(lake.shards()) - set(before)
    assert done == [
        ("scan", {"shard_registry": [""]}),
        ("ingest", dict.fromkeys(plan.per_shard(lake), [new])),
    ]
    assert new in instance.get_dynamic_partitions(str(SHARDS.name))


def test_changed_shards_are_a_run_for_each_range_of_neighbours(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    shards = lake.shards()
    assert len(shards) >= 4
    for shard in (shards[0], shards[1], shards[3]):
        (Path(lake.store.path("cluster_assignments", shard)) / "current").unlink()
    found = decide(lake, instance).requests
    assert [(request.span, request.n_partitions) for request in found] == [
        ((shards[0], shards[1]), 2),
        ((shards[3], shards[3]), 1),
    ]
    assert [made(execute(lake, instance, request))["raw_shards"] for request in found] == [
        shards[:2],
        [shards[3]],
    ]
    assert decide(lake, instance).requests == ()


def test_very_many_ranges_are_one_run(
    lake: LakeResources, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "_MAX_RUNS", 1)
    shards = lake.shards()
    for shard in (shards[0], shards[2]):
        (Path(lake.store.path("embeddings", shard)) / "current").unlink()
    (request,) = decide(lake, instance).requests
    assert (request.span, request.n_partitions) == ((shards[0], shards[2]), 3)


def test_a_withdrawn_shard_is_no_partition_any_more_and_nothing_else_happens(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    for file in Path(lake.settings.source).rglob("*"):
        if file.is_file() and file.name != "module0.py":
            file.unlink()
    before = lake.shards()
    done = settle_down(lake, instance)
    assert [job for job, _ in done] in (["scan"], ["scan", "ingest"])
    assert set(lake.shards()) < set(before)
    assert instance.get_dynamic_partitions(str(SHARDS.name)) == lake.shards()


def test_materializing_the_same_once_more_makes_nothing_stale(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    shards = lake.shards()
    assert decide(lake, instance).requests == ()
    execute(
        lake, instance, Request("ingest", "by hand", ("raw_shards",), (shards[0], shards[-1]), len(shards))
    )
    execute(lake, instance, Request("scan", "by hand"))
    assert decide(lake, instance).requests == ()
    (Path(lake.settings.source) / "package01" / "module0.py").touch()
    assert [job for job, _ in settle_down(lake, instance)] == ["scan"], "its bytes are the same"


def test_other_settings_of_the_centroids_make_them_new_and_then_every_assignment(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    changed = lake_at(lake.store.root, Path(lake.settings.source), clustering__n_clusters=3)
    done = settle_down(changed, instance)
    assert done == [
        ("fit", {"centroids": [""]}),
        ("ingest", dict.fromkeys(plan.per_shard(lake), lake.shards())),
    ]
    assert lake.store.required("centroids").rows == 3


def test_what_is_trained_is_asked_for_once_though_it_is_done_by_halves(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    from definitions import defs

    changed = lake_at(
        lake.store.root,
        Path(lake.settings.source),
        clustering__n_clusters=3,
        tokenization__vocabulary_size=310,
    )
    (request,) = decide(changed, instance).requests
    assert request.assets == ("tokenizer", "centroids")
    job = defs.resolve_job_def("fit")
    run = instance.create_run_for_job(
        job, tags=request.run_request().tags, status=dg.DagsterRunStatus.STARTED
    )
    execute(changed, instance, Request("fit", "the first half of it", ("tokenizer",)))
    assert decide(changed, instance).reason == f"centroids under way: run {run.run_id}"


def test_another_share_held_out_is_a_scan(lake: LakeResources, instance: dg.DagsterInstance) -> None:
    changed = lake_at(lake.store.root, Path(lake.settings.source), reading__held_out_fraction=0.4)
    assert [request.job for request in decide(changed, instance).requests] == ["scan"]
    assert {job for job, _ in settle_down(changed, instance)} == {"scan", "ingest"}


def test_a_dagster_that_does_not_know_the_shards_is_told_by_a_scan(lake: LakeResources) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert settle_down(lake, instance) == [("scan", {"shard_registry": [""]})]


def test_a_listing_that_fails_asks_for_nothing(lake: LakeResources, instance: dg.DagsterInstance) -> None:
    Path(lake.settings.source).rename(Path(lake.settings.source).with_name("away"))
    before = lake.store.required("shard_registry")
    with pytest.raises(SettingError, match="cannot be listed"):
        decide(lake, instance)
    assert lake.store.required("shard_registry") == before


def test_shards_under_way_are_left_to_their_run(lake: LakeResources, instance: dg.DagsterInstance) -> None:
    from definitions import defs

    shards = lake.shards()
    for shard in shards[:2]:
        (Path(lake.store.path("embeddings", shard)) / "current").unlink()
    (first,) = decide(lake, instance).requests
    asked = first.run_request()
    run = instance.create_run_for_job(
        defs.resolve_job_def("ingest"), tags=asked.tags, status=dg.DagsterRunStatus.STARTED
    )
    assert decide(lake, instance).reason == f"2 of {len(shards)} shards are stale, and under way"
    (Path(lake.store.path("embeddings", shards[2])) / "current").unlink()
    assert [request.span for request in decide(lake, instance).requests] == [(shards[2], shards[2])]
    instance.report_run_failed(run, "its process is gone")
    assert [request.span for request in decide(lake, instance).requests] == [(shards[0], shards[2])]


def test_after_three_failures_it_waits_for_a_change(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    shard = lake.shards()[0]
    (Path(lake.store.path("embeddings", shard)) / "current").unlink()
    for _ in range(3):
        (request,) = decide(lake, instance).requests
        failed = execute_broken(lake, instance, request)
        assert not failed.success
    decision = decide(lake, instance)
    assert decision.requests == ()
    assert f"failed 3 times, the last time in run {failed.run_id}" in decision.reason
    assert decision.current == ""
    changed = lake_at(lake.store.root, Path(lake.settings.source), reading__max_document_bytes=1000)
    assert decide(changed, instance).requests != ()
    (Path(lake.settings.source) / "package00" / "module0.py").write_text("x = 1\n")
    (scan,) = decide(lake, instance).requests
    execute(lake, instance, scan)
    assert [request.job for request in decide(lake, instance).requests] == ["ingest"]


def test_a_scan_that_changes_nothing_is_not_asked_for_again(
    lake: LakeResources, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(lake, instance, Request("scan", "by hand"))  # the source lies elsewhere than before
    monkeypatch.setattr(type(lake.sources), "difference", lambda *_: "always")
    (scan,) = decide(lake, instance).requests
    outcome = execute(lake, instance, scan)
    assert decide(lake, instance).reason == f"a scan did not change what differs; see run {outcome.run_id}"


def test_what_was_found_current_is_not_looked_at_again_until_something_changes(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    current = decide(lake, instance).current
    (Path(lake.store.path("embeddings", lake.shards()[0])) / "current").unlink()
    assert decide(lake, instance, current).requests == ()
    assert decide(lake, instance).requests != ()
    changed = lake_at(lake.store.root, Path(lake.settings.source), reading__max_document_bytes=1000)
    assert decide(changed, instance, current).requests != ()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda now=time.time: now() + 3600)
        assert decide(lake, instance, current).requests != ()


def test_the_sensor_itself_asks_by_the_environment_and_remembers(
    lake: LakeResources, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in lake.settings.select(*Settings.names()).items():
        monkeypatch.setenv(variable(name), str(value))
    sensor = ingest.ingest_changed_shards
    assert sensor.default_status == dg.DefaultSensorStatus.STOPPED
    assert sensor.minimum_interval_seconds == Settings.default("automation.sensor_seconds")
    context = dg.build_sensor_context(instance)
    said = sensor(context)
    assert isinstance(said, dg.SkipReason)
    assert said.skip_message == f"{len(lake.shards())} shards, all current"
    assert context.cursor
    shard = lake.shards()[1]
    (Path(lake.store.path("raw_shards", shard)) / "current").unlink()
    result = sensor(dg.build_sensor_context(instance))
    assert isinstance(result, dg.SensorResult)
    (asked,) = result.run_requests or []
    assert (asked.job_name, asked.tags["dagster/partition"]) == ("ingest", shard)
    assert plan.stale_shards(lake) == [shard]

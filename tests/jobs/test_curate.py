"""The jobs of curate: a snapshot is scored and cut, by hand or at night; the schedule says why it does nothing."""

import datetime
import time
from pathlib import Path

import dagster as dg
import pytest
from support.lake import copy_of, graph_lake, lake_at, spec_of
from support.runs import execute, execute_broken, made

from assets.graph.lake import LakeResources
from jobs import curate
from jobs.requests import Request
from recipes import RECIPES
from resources.setting_names import variable
from resources.settings import Settings


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> LakeResources:
    """Return a lake whose scores are stale: compared inside clusters, not among all."""
    return copy_of(
        graph_lake(tmp_path_factory),
        tmp_path / "lake",
        clustering__all_pairs_max_documents=0,
        training__tokens=1500,
    )


SCORES = ("cluster_scores", "evaluation_sets", "contamination_scores", "minhash_scores")
AUDITS = (
    "embedding_invariance", "corruption_sensitivity", "duplicate_truth", "contamination", "length_confound", "agreement", "shift",
    "duplicate_radius",
)  # fmt: skip


def assets_of(job: str) -> set[str]:
    from definitions import defs

    return {key.to_user_string() for key in defs.resolve_job_def(job).asset_layer.executable_asset_keys}


def test_each_job_has_its_assets_and_no_other() -> None:
    assert [job.name for job in curate.JOBS] == ["score", "curate", "snapshot"]
    assert assets_of("score") == set(SCORES)
    assert assets_of("curate") == {"pruned_mixtures", "epoch_schedules"}
    assert assets_of("snapshot") == {*SCORES, *AUDITS, "pruned_mixtures", "epoch_schedules", "catalogue"}
    assert all(job.description for job in curate.JOBS)


def test_scores_then_one_recipe_and_its_schedule(lake: LakeResources) -> None:
    from definitions import defs

    store = lake.store
    config = {"resources": {"settings": {"config": lake.settings.model_dump()}}}
    other = store.required("pruned_mixtures", "d4")
    with dg.DagsterInstance.ephemeral() as instance:
        scored = defs.resolve_job_def("score").execute_in_process(run_config=config, instance=instance)
        assert scored.success
        assert spec_of(lake, "cluster_scores").is_live(store)
        assert store.required("cluster_scores").facts["mode"] == "per_cluster"
        assert not spec_of(lake, "pruned_mixtures", "semdedup").is_live(store)
        job = defs.resolve_job_def("curate")
        outcome = job.execute_in_process(run_config=config, instance=instance, partition_key="semdedup")
    assert outcome.success
    assert spec_of(lake, "pruned_mixtures", "semdedup").is_live(store)
    assert spec_of(lake, "epoch_schedules", "semdedup").is_live(store)
    epochs = store.table(store.required("epoch_schedules", "semdedup"))
    assert sum(epochs["n_tokens"].to_pylist()) == 1500
    assert store.required("pruned_mixtures", "d4") == other
    assert all(
        evaluation.passed
        for evaluation in (*scored.get_asset_check_evaluations(), *outcome.get_asset_check_evaluations())
    )


RECIPE_NAMES = sorted(recipe.name for recipe in RECIPES)


@pytest.fixture
def instance() -> dg.DagsterInstance:
    return dg.DagsterInstance.ephemeral()


def test_one_run_makes_the_scores_and_every_mixture_and_schedule(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    request, said = curate.decide(instance, lake, time.time())
    assert request is not None, said
    outcome = execute(lake, instance, request)
    assert outcome.success
    assert made(outcome) == {
        **dict.fromkeys((*SCORES, *AUDITS, "catalogue"), [""]),
        "pruned_mixtures": RECIPE_NAMES,
        "epoch_schedules": RECIPE_NAMES,
    }
    request, said = curate.decide(instance, lake, time.time())
    live = lake.store.required("cluster_scores").version
    assert (request, said) == (None, f"nothing changed since the live snapshot, cluster_scores {live}")


def test_a_night_has_one_snapshot_though_the_schedule_ticks_more_often(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    request, _ = curate.decide(instance, lake, time.time())
    assert request is not None
    assert execute(lake, instance, request).success
    again = lake_at(lake.store.root, Path(lake.settings.source), training__tokens=1700)
    request, said = curate.decide(instance, again, time.time() + 3600)
    assert request is None
    assert said == "the last snapshot was made 1.0 hours ago; there is one every 12 hours at most"
    assert curate.decide(instance, again, time.time() + 23 * 3600)[0] is not None
    always = lake_at(
        lake.store.root, Path(lake.settings.source), training__tokens=1700, automation__curate_hours=0
    )
    assert curate.decide(instance, always, time.time())[0] is not None


def test_the_night_is_not_lost_where_a_shard_waits_at_its_first_tick(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    shard = lake.shards()[1]
    pointer = Path(lake.store.path("embeddings", shard, "current"))
    version = pointer.read_text()
    pointer.unlink()
    request, said = curate.decide(instance, lake, time.time())
    assert (request, said) == (None, f"1 shards wait to be ingested, the first of them {shard}")
    pointer.write_text(version)
    assert curate.decide(instance, lake, time.time() + 3600)[0] is not None


def test_it_waits_for_what_shards_are_placed_with(lake: LakeResources, instance: dg.DagsterInstance) -> None:
    changed = lake_at(
        lake.store.root,
        Path(lake.settings.source),
        clustering__n_clusters=3,
        tokenization__vocabulary_size=310,
    )
    assert curate.decide(instance, changed, time.time()) == (None, "shards wait for tokenizer and centroids")


def test_before_the_first_scan_it_says_what_to_do(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    request, said = curate.decide(instance, lake_at(tmp_path / "lake", tmp_path), time.time())
    assert request is None
    assert said.startswith("0 shards; start the sensor ingest_changed_shards")


def test_it_is_asked_for_once_and_no_more_than_three_times_in_vain(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    from definitions import defs

    for _ in range(3):
        request, said = curate.decide(instance, lake, time.time())
        assert request is not None, said
        failed = execute_broken(lake, instance, request)
        assert not failed.success
    request, said = curate.decide(instance, lake, time.time())
    assert request is None
    assert f"failed 3 times, the last time in run {failed.run_id}" in said
    by_hand = Request("snapshot", "by hand")
    run = instance.create_run_for_job(
        defs.resolve_job_def("snapshot"), tags=by_hand.run_request().tags, status=dg.DagsterRunStatus.STARTED
    )
    assert curate.decide(instance, lake, time.time()) == (None, f"a snapshot is under way: run {run.run_id}")


def test_the_schedule_itself_asks_by_the_environment(
    lake: LakeResources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in lake.settings.select(*Settings.names()).items():
        monkeypatch.setenv(variable(name), str(value))
    schedule = curate.curate_nightly
    assert (schedule.cron_schedule, schedule.default_status) == (
        "0 2-6 * * *",
        dg.DefaultScheduleStatus.STOPPED,
    )
    tick = datetime.datetime(2026, 1, 1, 2, tzinfo=datetime.UTC)
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        with dg.build_schedule_context(instance, scheduled_execution_time=tick) as context:
            asked = schedule(context)
    assert isinstance(asked, dg.RunRequest)
    assert asked.job_name == "snapshot"
    assert asked.tags["dagster/asset_partition_range_start"] == RECIPES[0].name

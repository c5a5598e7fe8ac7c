"""The jobs of curate: a snapshot is scored, and the recipe asked for is cut and planned from it."""

from pathlib import Path

import dagster as dg
import pytest
from tests_corpus import copy_of, graph_lake

from assets import cluster_scores, epoch_schedules, pruned_mixtures
from jobs import curate
from jobs.plan import Lake


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Lake:
    """Return a lake whose scores are stale: compared inside clusters, not among all."""
    return copy_of(graph_lake(tmp_path_factory), tmp_path / "lake", all_pairs_below_documents=0, train_tokens=1500)


def assets_of(job: str) -> set[str]:
    from definitions import defs

    return {key.to_user_string() for key in defs.resolve_job_def(job).asset_layer.executable_asset_keys}


def test_each_job_has_its_assets_and_no_other() -> None:
    assert [job.name for job in curate.JOBS] == ["score", "curate"]
    assert assets_of("score") == {"cluster_scores"}
    assert assets_of("curate") == {"pruned_mixtures", "epoch_schedules"}
    assert all(job.description for job in curate.JOBS)


def test_scores_then_one_recipe_and_its_schedule(lake: Lake) -> None:
    from definitions import defs

    store = lake.store
    config = {"resources": {"settings": {"config": lake.settings.model_dump()}}}
    other = store.required("pruned_mixtures", "d4")
    with dg.DagsterInstance.ephemeral() as instance:
        scored = defs.resolve_job_def("score").execute_in_process(run_config=config, instance=instance)
        assert scored.success
        assert cluster_scores.making(store, lake.settings).is_live(store)
        assert store.required("cluster_scores").facts["mode"] == "per_cluster"
        assert not pruned_mixtures.making(store, lake.settings, "semdedup").is_live(store)
        job = defs.resolve_job_def("curate")
        outcome = job.execute_in_process(run_config=config, instance=instance, partition_key="semdedup")
    assert outcome.success
    assert pruned_mixtures.making(store, lake.settings, "semdedup").is_live(store)
    assert epoch_schedules.making(store, lake.settings, "semdedup").is_live(store)
    epochs = store.table(store.required("epoch_schedules", "semdedup"))
    assert sum(epochs["n_tokens"].to_pylist()) == 1500
    assert store.required("pruned_mixtures", "d4") == other
    assert all(evaluation.passed for evaluation in (*scored.get_asset_check_evaluations(), *outcome.get_asset_check_evaluations()))

"""The jobs of train: a run and its evaluation, and then the leaderboard, the catalogue and the report of them."""

from pathlib import Path

import dagster as dg
import pytest
from support.lake import TRAINED, catalogue_of, copy_of, graph_lake, spec_of

from assets.graph.lake import LakeResources
from jobs import train


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> LakeResources:
    return copy_of(graph_lake(tmp_path_factory), tmp_path / "lake")


def assets_of(job: str) -> set[str]:
    from definitions import defs

    return {key.to_user_string() for key in defs.resolve_job_def(job).asset_layer.executable_asset_keys}


def test_each_job_has_its_assets_and_no_other() -> None:
    assert [job.name for job in train.JOBS] == ["warm_up", "train", "soups", "publish"]
    assert assets_of("train") == {"training_runs", "evaluations"}
    assert assets_of("warm_up") == {"shared_init"}
    assert assets_of("soups") == {"model_soups"}
    assert assets_of("publish") == {"external_runs", "leaderboard", "catalogue", "report"}
    assert all(job.description for job in train.JOBS)


def test_a_recipe_is_trained_evaluated_and_published(lake: LakeResources) -> None:
    from definitions import defs

    store = lake.store
    config = {"resources": {"settings": {"config": lake.settings.model_dump()}}}
    assert store.current("training_runs", "random/0") is None
    with dg.DagsterInstance.ephemeral() as instance:
        key = dg.MultiPartitionKey({"recipe": "random", "seed": "0"})
        trained = defs.resolve_job_def("train").execute_in_process(
            run_config=config, instance=instance, partition_key=key
        )
        soups = defs.resolve_job_def("soups").execute_in_process(
            run_config=config, instance=instance, partition_key="random"
        )
        published = defs.resolve_job_def("publish").execute_in_process(run_config=config, instance=instance)
    assert trained.success
    assert soups.success
    assert published.success
    assert spec_of(lake, "training_runs", "random/0").is_live(store)
    assert spec_of(lake, "evaluations", "random/0").is_live(store)
    board = store.table(store.required("leaderboard")).to_pylist()
    assert sorted(row["recipe"] for row in board) == sorted([*TRAINED, "random"])
    runs = catalogue_of(lake).query("SELECT recipe FROM training_runs ORDER BY recipe")["recipe"].to_pylist()
    assert runs == sorted([*TRAINED, "random"])
    report = store.required("report")
    assert report.inputs["catalogue"] == store.required("catalogue").content
    assert "random" in Path(store.file(report, "report.html")).read_text()

"""One run of Dagster's builds what stands side by side in the graph, and never an asset before its inputs."""

from pathlib import Path

import pytest
from support.images import image_lake
from support.lake import build_asset, build_lake, copy_of, lake_at, scan, write_corpus

from assets.graph import discover, plan
from assets.graph.lake import LakeResources
from jobs.runner import Runner, runner_of
from jobs.stages import Stage, stage_of

TO_DUPLICATE_TRUTH = (
    "raw_shards", "embedding_invariance", "embeddings", "minhash_signatures", "tokenizer", "centroids", "quality_signals",
    "cluster_assignments", "cluster_scores", "evaluation_sets", "contamination_scores",
    "corruption_sensitivity", "minhash_scores", "duplicate_truth",
)  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    root = tmp_path_factory.mktemp("stages")
    write_corpus(root / "source")
    return build_lake(lake_at(root / "lake", root / "source"), until="pruned_mixtures")


def first_stage(runner: Runner, first: str) -> Stage:
    runner.execute(["shard_registry"], None)
    assets = list(plan.until(None))
    place = next(n for n, asset in enumerate(assets) if asset.name == first)
    stale = plan.stale(assets[place], runner.lake)
    return stage_of(assets[place], stale, assets[place + 1 :], runner)


def test_a_new_lake_is_scored_in_one_run(tmp_path: Path) -> None:
    write_corpus(tmp_path / "source")
    with runner_of(lake_at(tmp_path / "lake", tmp_path / "source").settings) as runner:
        stage = first_stage(runner, "raw_shards")
        shards = runner.partitions("raw_shards")
    assert sorted(stage.assets) == sorted(TO_DUPLICATE_TRUTH)
    assert stage.spans == ((shards[0], shards[-1]),)
    assert stage.rest[0].name == "pruned_mixtures"


def test_assets_of_other_documents_join_no_stage(tmp_path: Path) -> None:
    lake = image_lake(tmp_path, 6)
    with runner_of(lake.settings) as runner:
        stage = first_stage(runner, "raw_shards")
    assert {*stage.assets} == {*TO_DUPLICATE_TRUTH, "image_signals"} - {
        "duplicate_truth",
        "corruption_sensitivity",
    }


def test_a_changed_shard_is_built_alone_and_what_was_fitted_stays(
    built: LakeResources, tmp_path: Path
) -> None:
    lake = copy_of(built, tmp_path / "lake")
    Path(lake.settings.source, "added.py").write_text("def added():\n    return 'a file that came'\n")
    try:
        with runner_of(lake.settings) as runner:
            stage = first_stage(runner, "raw_shards")
            new = runner.lake.store
            (shard,) = [key for key in runner.lake.shards() if new.current("raw_shards", key) is None]
    finally:
        Path(lake.settings.source, "added.py").unlink()
    assert stage.spans == ((shard, shard),)
    assert set(TO_DUPLICATE_TRUTH) - set(stage.assets) == {
        "tokenizer", "centroids", "evaluation_sets",
    }  # fmt: skip


def test_what_waits_for_another_shard_is_in_a_later_stage(built: LakeResources, tmp_path: Path) -> None:
    lake = copy_of(built, tmp_path / "lake")
    one, other, *_ = lake.shards()
    for table, shard in (("raw_shards", one), ("embeddings", other)):
        Path(lake.store.path(table, shard, "current")).unlink()
    with runner_of(lake.settings) as runner:
        stage = first_stage(runner, "raw_shards")
    assert stage.assets == ("raw_shards",), (
        "cluster_scores would be built without the other shard's embeddings"
    )
    assert stage.spans == ((one, one),)


def test_an_asset_that_is_stale_of_the_same_shard_by_itself_joins(
    built: LakeResources, tmp_path: Path
) -> None:
    lake = copy_of(built, tmp_path / "lake")
    shard = lake.shards()[0]
    for table in ("minhash_signatures", "quality_signals"):
        Path(lake.store.path(table, shard, "current")).unlink()
    with runner_of(lake.settings) as runner:
        stage = first_stage(runner, "minhash_signatures")
    assert stage.assets[:2] == ("minhash_signatures", "quality_signals"), "the signals read no signatures"
    assert "cluster_scores" in stage.assets


def test_another_tokenizer_measures_all_shards_anew_in_its_own_run(
    built: LakeResources, tmp_path: Path
) -> None:
    lake = copy_of(built, tmp_path / "lake", tokenization__vocabulary_size=310)
    with runner_of(lake.settings) as runner:
        stage = first_stage(runner, "tokenizer")
        shards = runner.partitions("raw_shards")
    assert stage.assets[:2] == ("tokenizer", "quality_signals")
    assert "centroids" not in stage.assets
    assert "cluster_assignments" not in stage.assets
    assert stage.spans == ((shards[0], shards[-1]),)


def test_a_training_and_its_evaluation_are_one_run_and_recipes_stay_alone(built: LakeResources) -> None:
    with runner_of(built.settings) as runner:
        build_asset(built, "epoch_schedules", "everything", "random")
        trainings = discover.asset("training_runs")
        assets = list(plan.until(None))
        following = assets[assets.index(trainings) + 1 :]
        stage = stage_of(trainings, ["everything|0", "random|0"], following, runner)
        assert stage.assets == ("training_runs", "evaluations")
        assert stage.spans == (("everything|0", "random|0"),)
        apart = stage_of(trainings, ["everything|0", "d4|0"], following, runner)
        assert apart.spans == (("everything|0", "everything|0"), ("d4|0", "d4|0"))
        assert [asset.name for asset in stage.rest][:1] == ["evaluations"]
        mixtures = discover.asset("pruned_mixtures")
        keys = runner.partitions("pruned_mixtures")
        alone = stage_of(mixtures, keys, assets[assets.index(mixtures) + 1 :], runner)
        assert (alone.assets, alone.spans) == (("pruned_mixtures",), ((keys[0], keys[-1]),))


def test_an_asset_that_is_live_and_reads_nothing_of_the_stage_is_passed_over(
    built: LakeResources, tmp_path: Path
) -> None:
    lake = copy_of(built, tmp_path / "lake")
    scan(lake)
    Path(lake.store.path("minhash_scores", "all", "current")).unlink()
    with runner_of(lake.settings) as runner:
        stage = first_stage(runner, "minhash_scores")
    assert stage.assets == ("minhash_scores", "duplicate_truth")
    assert stage.spans == (None,)

"""What is stale is told from manifests alone, and every list of assets from their declarations."""

import dataclasses
import shutil
from pathlib import Path

import pytest
from support.lake import build_lake, copy_of, graph_lake, lake_at, scan, write_corpus

from assets.graph import discover, plan
from assets.graph.lake import LakeResources
from guyot.errors import SettingError
from recipes import RECIPES, TRAINED
from resources.lake.manifest import WHOLE


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> LakeResources:
    return copy_of(graph_lake(tmp_path_factory), tmp_path / "lake")


def stale(lake: LakeResources) -> list[str]:
    """Name what is stale up to the schedules."""
    names = plan.names()[1 : plan.names().index("epoch_schedules") + 1]
    return [name for name in names if plan.stale(discover.asset(name), lake)]


def test_the_lists_follow_from_the_declarations() -> None:
    assert plan.names()[0] == plan.REGISTRY
    assert plan.names()[-2:] == (plan.CATALOGUE, "report")
    assert set(plan.per_shard()) == {
        "raw_shards", "embeddings", "minhash_signatures", "quality_signals", "image_signals", "episode_signals", "cluster_assignments"}  # fmt: skip
    assert set(plan.fitted()) == {"tokenizer", "centroids"}
    assert set(plan.per_run()) == {"training_runs", "evaluations"}
    assert set(plan.per_recipe()) == {"pruned_mixtures", "epoch_schedules", "model_soups", *plan.per_run()}
    assert not {*plan.curated()} & {*plan.per_shard(), *plan.fitted(), *plan.per_run(), plan.CATALOGUE}
    assert {"cluster_scores", "pruned_mixtures", "shift", "epoch_schedules"} <= set(plan.curated())


def test_assets_of_images_are_no_assets_of_a_lake_of_texts(lake: LakeResources) -> None:
    images = lake_at(lake.store.root, lake.settings.source, reading__documents="image", encoder="")
    assert {*plan.per_shard(images)} - {*plan.per_shard(lake)} == {"image_signals"}
    signals = discover.asset("image_signals")
    assert plan.keys(signals, lake) == []
    assert plan.stale_among(signals, lake, lake.shards()) == []
    assert plan.keys(signals, images) == lake.shards()
    with pytest.raises(SettingError, match="image_signals was asked for; it is of image documents, and"):
        signals.spec(lake, lake.shards()[0])


def test_all_recipes_are_cut_and_six_are_trained_unless_others_are_asked_for(lake: LakeResources) -> None:
    mixtures, runs = discover.asset("pruned_mixtures"), discover.asset("training_runs")
    assert plan.keys(mixtures, lake) == [recipe.name for recipe in RECIPES]
    assert len(TRAINED) == 6
    assert plan.keys(runs, lake) == [f"{name}/0" for name in TRAINED]
    more = lake_at("/tmp/none", "/tmp/none", training__seeds=3)
    assert plan.keys(runs, more, ["scip"]) == ["scip/0", "scip/1", "scip/2"]
    assert plan.keys(mixtures, lake, ["scip"]) == ["scip"]
    soups = discover.asset("model_soups")
    assert plan.keys(soups, lake) == []
    warm = lake_at("/tmp/none", "/tmp/none", training__warmup_tokens=9)
    assert plan.keys(soups, warm) == list(TRAINED)
    assert plan.keys(soups, warm, ["scip"]) == ["scip"]
    with pytest.raises(SettingError, match="training.seeds=99 were asked for; recipes.py has 10"):
        plan.keys(runs, lake_at("/tmp/none", "/tmp/none", training__seeds=99))


def test_a_finished_lake_has_nothing_stale_up_to_its_schedules(lake: LakeResources) -> None:
    assert stale(lake) == []
    assert plan.stale_shards(lake) == []
    assert plan.unfitted(lake) == []


@pytest.mark.parametrize(
    ("setting", "value", "first"),
    [
        ("reading.text_column", "body", "raw_shards"),
        ("clustering.n_clusters", 3, "centroids"),
        ("tokenization.vocabulary_size", 301, "tokenizer"),
        ("training.tokens", 1999, "epoch_schedules"),
        ("automation.sensor_seconds", 99, None),
        ("threads", 1, None),
    ],
)
def test_a_setting_makes_stale_what_it_enters(lake: LakeResources, setting, value, first) -> None:
    changed = lake_at(lake.store.root, lake.settings.source, **{setting: value})
    assert stale(changed)[:1] == ([first] if first else [])
    assert plan.unfitted(changed) == ([first] if first in plan.fitted() else [])


def test_a_changed_file_makes_its_shard_stale_and_no_other(lake: LakeResources, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(lake.settings.source, source, copy_function=shutil.copy2)
    moved = build_lake(lake_at(lake.store.root, source), until="epoch_schedules")
    before = plan.shards_fingerprint(moved, moved.shards())
    assert plan.stale_shards(moved) == []
    (source / "package05" / "module0.py").write_text("def changed(x):\n    return 5\n")
    scan(moved)
    (changed,) = plan.stale_shards(moved)
    assert plan.stale_shards(moved, ["raw_shards"]) == [changed]
    assert plan.shards_fingerprint(moved, moved.shards()) != before
    others = [shard for shard in moved.shards() if shard != changed]
    assert plan.shards_fingerprint(moved, others) == plan.shards_fingerprint(lake, others)
    build_lake(moved, until="raw_shards")
    assert plan.unfitted(moved) == []
    fitted = {name for name in plan.fitted() if not plan.stale(discover.asset(name), moved)}
    assert fitted == {"tokenizer", "centroids"}, "they stay as documents come and go"


def test_the_fingerprint_is_of_all_that_decides_what_the_tables_hold(
    lake: LakeResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    shards = lake.shards()
    before = plan.shards_fingerprint(lake, shards)
    for setting, value, decides in (
        ("reading.text_column", "body", True), ("encoder", "hashing", False), ("threads", 1, False),
        ("training.tokens", 1999, False), ("reading.held_out_fraction", 0.3, True),
    ):  # fmt: skip
        changed = lake_at(lake.store.root, lake.settings.source, **{setting: value})
        assert (plan.shards_fingerprint(changed, shards) != before) == decides, setting
    assert plan.shards_fingerprint(lake, shards[:-1]) != before
    for name in ("embeddings", "cluster_assignments"):
        other = dataclasses.replace(discover.asset(name), code_version="another")
        with monkeypatch.context() as patch:
            patch.setitem(discover.assets(), name, other)
            assert plan.shards_fingerprint(lake, shards) != before
    with monkeypatch.context() as patch:
        patch.setattr(type(lake.encoder), "id", "other weights")
        assert plan.shards_fingerprint(lake, shards) != before
    assert plan.shards_fingerprint(lake, shards) == before
    for table in plan.fitted():
        live = Path(lake.store.path(table, WHOLE, "current"))
        content = live.read_bytes()
        live.unlink()
        assert plan.shards_fingerprint(lake, shards) != before, table
        live.write_bytes(content)
    assert plan.shards_fingerprint(lake, shards) == before


@pytest.mark.parametrize("asset", sorted({*plan.per_shard()} - {"image_signals", "episode_signals"}))
def test_a_table_that_somebody_removed_is_missed(lake: LakeResources, asset: str) -> None:
    shard = lake.shards()[0]
    Path(lake.store.path(asset, shard, "current")).unlink()
    assert plan.stale_shards(lake) == [shard]


def test_fitted_assets_are_missed_where_there_is_none(tmp_path: Path) -> None:
    write_corpus(tmp_path / "source")
    lake = build_lake(lake_at(tmp_path / "lake", tmp_path / "source"), until="raw_shards")
    assert plan.unfitted(lake) == ["tokenizer", "centroids"]
    assert plan.stale_shards(lake, ["raw_shards"]) == []
    Path(lake.store.path("raw_shards", lake.shards()[1], "current")).unlink()
    assert plan.stale_shards(lake, ["raw_shards"]) == [lake.shards()[1]]


def test_it_stops_where_asked_and_still_builds_the_catalogue() -> None:
    names = plan.names()
    chosen = [asset.name for asset in plan.until("embeddings")]
    assert chosen == [*names[1 : names.index("embeddings") + 1], "catalogue"]
    assert [asset.name for asset in plan.until(None)] == list(names[1:])
    assert [asset.name for asset in plan.until("shard_registry")] == ["catalogue"]

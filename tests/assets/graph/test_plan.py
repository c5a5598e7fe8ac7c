"""What is stale is told from manifests alone; partitions that stand side by side are one run."""

import shutil
from pathlib import Path

import pytest
from support.corpus import copy_of, graph_lake, lake_at, materialize, write_graph_source

from assets.cluster import cluster_assignments
from assets.graph import plan
from assets.graph.plan import ASSETS, BY_ASSET, PHASES, Lake
from assets.ingest import embeddings
from recipes import RECIPES
from resources.lake.manifest import WHOLE

NAMES = [recipe.name for recipe in RECIPES]
FIVE = list("abcde")


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Lake:
    return copy_of(graph_lake(tmp_path_factory), tmp_path / "lake")


def stale(lake: Lake) -> set[str]:
    """Name what is stale up to the schedules; some recipes are not trained."""
    phases = PHASES[: ASSETS.index("epoch_schedules")]
    return {phase.asset for phase in phases if phase.stale(lake, NAMES)}


@pytest.mark.parametrize(
    ("stale_keys", "everything", "ranges"),
    [
        ([None], [], [None]),
        ([], FIVE, []),
        (FIVE, FIVE, [("a", "e")]),
        (["c"], FIVE, [("c", "c")]),
        (["e", "a", "b", "d"], FIVE, [("a", "b"), ("d", "e")]),
        (["a", "z"], FIVE, [("a", "a")]),
        (["r|0", "r|1"], ["r|0", "r|1"], [("r|0", "r|0"), ("r|1", "r|1")]),
    ],
)
def test_neighbours_are_one_range(stale_keys, everything, ranges) -> None:
    assert list(plan.spans(stale_keys, everything)) == ranges


@pytest.mark.parametrize("span", [None, ("a", "a"), ("a", "c")])
def test_tags_name_the_range_that_they_were_made_of(span) -> None:
    assert plan.span_of(plan.span_tags(span)) == span


def test_a_finished_lake_has_nothing_stale_up_to_its_schedules(lake: Lake) -> None:
    assert stale(lake) == set()
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
def test_a_setting_makes_stale_what_it_enters(lake: Lake, setting, value, first) -> None:
    changed = lake_at(lake.store.root, lake.settings.source, **{setting: value})
    found = [asset for asset in ASSETS if asset in stale(changed)]
    assert found[:1] == ([first] if first else [])
    assert plan.unfitted(changed) == ([first] if first in plan.FITTED else [])


def test_a_changed_file_makes_its_shard_stale_and_no_other(lake: Lake, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(lake.settings.source, source, copy_function=shutil.copy2)
    moved = lake_at(lake.store.root, source)
    materialize(moved, until="epoch_schedules")
    before = plan.inputs_fingerprint(moved, moved.shards())
    assert plan.stale_shards(moved) == []
    (source / "package05" / "module0.py").write_text("def changed(x):\n    return 5\n")
    materialize(moved, until="shard_registry")
    (changed,) = plan.stale_shards(moved)
    assert plan.stale_shards(moved, ("raw_shards",)) == [changed]
    assert plan.inputs_fingerprint(moved, moved.shards()) != before
    others = [shard for shard in moved.shards() if shard != changed]
    assert plan.inputs_fingerprint(moved, others) == plan.inputs_fingerprint(lake, others)
    materialize(moved, until="raw_shards")
    assert plan.unfitted(moved) == []
    fitted = {phase.asset for phase in PHASES if phase.fitted and not phase.stale(moved, NAMES)}
    assert fitted == {"tokenizer", "centroids"}, "they stay as documents come and go"


def test_the_ingredients_are_all_that_decides_what_the_tables_hold(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    shards = lake.shards()
    before = plan.inputs_fingerprint(lake, shards)
    for setting, value, decides in (
        ("reading.text_column", "body", True), ("encoder", "hashing", False), ("threads", 1, False),
        ("training.tokens", 1999, False), ("reading.held_out_fraction", 0.3, True),
    ):  # fmt: skip
        changed = lake_at(lake.store.root, lake.settings.source, **{setting: value})
        assert (plan.inputs_fingerprint(changed, shards) != before) == decides, setting
    assert plan.inputs_fingerprint(lake, shards[:-1]) != before
    for module in (embeddings, cluster_assignments):
        with monkeypatch.context() as patch:
            patch.setattr(module, "CODE", "another")
            assert plan.inputs_fingerprint(lake, shards) != before
    with monkeypatch.context() as patch:
        patch.setattr(type(lake.encoder), "id", "other weights")
        assert plan.inputs_fingerprint(lake, shards) != before
    assert plan.inputs_fingerprint(lake, shards) == before
    for table in plan.FITTED:
        live = Path(lake.store.path(table, WHOLE, "current"))
        content = live.read_bytes()
        live.unlink()
        assert plan.inputs_fingerprint(lake, shards) != before, table
        live.write_bytes(content)
    assert plan.inputs_fingerprint(lake, shards) == before


@pytest.mark.parametrize("asset", plan.PER_SHARD)
def test_a_table_that_somebody_removed_is_missed(lake: Lake, asset: str) -> None:
    shard = lake.shards()[0]
    Path(lake.store.path(asset, shard, "current")).unlink()
    assert plan.stale_shards(lake) == [shard]


def test_fitted_assets_are_missed_where_there_is_none(tmp_path: Path) -> None:
    write_graph_source(tmp_path / "source")
    lake = lake_at(tmp_path / "lake", tmp_path / "source")
    materialize(lake, until="raw_shards")
    assert plan.unfitted(lake) == ["tokenizer", "centroids"]
    assert plan.stale_shards(lake, ("raw_shards",)) == []
    Path(lake.store.path("raw_shards", lake.shards()[1], "current")).unlink()
    assert plan.stale_shards(lake, ("raw_shards",)) == [lake.shards()[1]]


def test_phases_stop_where_asked_and_still_make_the_catalogue() -> None:
    names = [phase.asset for phase in plan.phases_until("embeddings")]
    assert names == [*ASSETS[1 : ASSETS.index("embeddings") + 1], "catalogue"]
    assert [phase.asset for phase in plan.phases_until(None)] == list(ASSETS[1:])
    assert set(BY_ASSET) == set(ASSETS[1:])

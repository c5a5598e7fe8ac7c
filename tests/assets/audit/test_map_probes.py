"""`map_probes`: a probe for each recipe, fitted to what it keeps and tested in mazes of no training episode."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.agents import TINY
from support.lake import build_asset, build_lake, catalogue_of, lake_at

from assets.audit.map_probes import MAPS, PROBES, map_probes, policy_is_named, show
from assets.graph.lake import LakeResources
from assets.publish.page.render import render
from guyot.errors import SettingError
from guyot.navigation.walks import parse_walk
from resources.navigation.episode_set import EpisodeSetFolder
from resources.navigation_settings import NavigationSettings

NAVIGATION = {name.removeprefix("navigation__"): value for name, value in TINY.items()} | {
    "maze_size": 9, "single_tasks": 30, "held_out_tasks": 40}  # fmt: skip
RECIPES = ["everything", "random", "semdedup"]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    folder = tmp_path_factory.mktemp("probes")
    written = EpisodeSetFolder(folder / "set", "recurrent-0", NavigationSettings(**NAVIGATION))
    written.write()
    lake = lake_at(
        folder / "lake", written.source, encoder="", **{
            "reading.documents": "episode", "reading.split_column": "split", "navigation.policy": str(written.policy)})  # fmt: skip
    build_lake(lake, recipes=RECIPES)
    return lake


@pytest.mark.long
@pytest.mark.in_ci
def test_each_recipe_has_a_probe_of_each_mask(lake: LakeResources) -> None:
    (built,) = build_asset(lake, "map_probes")
    assert built.manifest
    assert built.reused, "the graph built it, since a policy is named"
    table = lake.store.table(built.manifest)
    assert table.schema.equals(PROBES.schema)
    rows = {(row["recipe"], row["mask"]): row for row in table.to_pylist()}
    assert set(rows) == {(recipe, mask) for recipe in RECIPES for mask in ("explored", "old", "near")}
    kept = {
        recipe: lake.store.table(lake.store.required("pruned_mixtures", recipe)).to_pylist()
        for recipe in RECIPES
    }
    for recipe, documents in kept.items():
        assert rows[recipe, "old"]["episodes"] == sum(row["kept"] for row in documents)
    assert rows["everything", "old"]["episodes"] == 30 + 3 * 4
    assert rows["random", "near"]["episodes"] < rows["everything", "near"]["episodes"]
    assert rows["random", "near"]["n"] == rows["everything", "near"]["n"], "tested alike"
    maps = lake.store.table(built.manifest, MAPS.file)
    assert maps.schema.equals(MAPS.schema)
    walked = maps["walk"].unique().to_pylist()
    assert 1 <= len(walked) <= 3
    held_out = pq.read_table(Path(lake.settings.source) / "held_out.parquet")["walk"].to_pylist()
    assert set(walked) <= set(held_out)
    page = render(catalogue_of(lake), RECIPES)
    assert page.count('<img alt="a walk, and the map that is read on the way"') == len(walked)
    shown = show(map_probes.reader(lake), built.manifest)
    assert shown["held-out episodes"] + shown["left out, in a maze of training"] == 40
    assert "| semdedup |" in shown["area under the ROC curve"].value


def test_without_a_policy_it_is_left_out_and_without_held_out_mazes_refused(
    lake: LakeResources, tmp_path: Path
) -> None:
    settings = lake.settings
    plain = lake_at(lake.store.root, settings.source, encoder="", **{"reading.documents": "episode"})
    assert not policy_is_named(plain)
    with pytest.raises(SettingError, match="name the folder of a policy"):
        build_asset(plain, "map_probes")
    table = pq.read_table(Path(settings.source) / "train.parquet")
    same = tmp_path / "source"
    same.mkdir()
    walk = table["walk"][0].as_py()
    held_out = pa.Table.from_pylist(
        [{**table.to_pylist()[0], "id": "other", "split": "held_out"}], table.schema
    )
    pq.write_table(pa.concat_tables([table, held_out]), same / "train.parquet")
    alike = lake_at(
        tmp_path / "lake", same, encoder="", **{
            "reading.documents": "episode", "reading.split_column": "split",
            "navigation.policy": settings.navigation.policy})  # fmt: skip
    assert parse_walk(walk).walls.shape == (9, 9)
    assert json.loads((Path(settings.navigation.policy) / "config.json").read_text())["memory"] == "gru"
    with pytest.raises(
        SettingError, match="0 of 1 held-out episodes are in mazes that none of the 42 training"
    ):
        build_lake(alike, recipes=["everything"])
        build_asset(alike, "map_probes")

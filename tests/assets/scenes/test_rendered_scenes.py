"""`rendered_scenes`: what `guyot scenes` writes, in the lake, resumed, with a contact sheet."""

import base64

import dagster as dg
import pyarrow.parquet as pq
import pytest
from support.lake import build_asset, lake_at
from support.scenes import scripted_workers

from assets.graph import discover
from assets.graph.dagster_asset import to_dagster
from assets.scenes.rendered_scenes import RENDERED
from guyot.errors import MissingError
from resources.lake.saved_batches import PARTIAL
from resources.scenes.render_pool import SceneError
from resources.scenes.scene_set import SceneSetFolder


def test_a_killed_or_failed_build_goes_on_and_gives_what_the_command_writes(monkeypatch, tmp_path):
    lake = lake_at(tmp_path / "lake", tmp_path / "source", scenes__size="small")
    build_asset(lake, "scene_specs", "yaw")
    tries = scripted_workers(monkeypatch, tmp_path / "asked", {45: "abort " * 4}, by="yaw")
    with pytest.raises(SceneError, match="2 of 16 scenes could not be rendered"):
        build_asset(lake, "rendered_scenes", "yaw")
    assert lake.store.current("rendered_scenes", "yaw") is None
    build_asset(lake, "rendered_scenes", "yaw")
    assert sum(tries().values()) == 14 + 4 + 2
    assert not list((tmp_path / "lake").glob(f"{PARTIAL}/**/*.npy"))
    SceneSetFolder(tmp_path / "set", "small").write(["yaw"])
    found = lake.store.table(lake.store.required("rendered_scenes", "yaw"))
    assert found.schema.equals(RENDERED.schema)
    assert found.equals(pq.read_table(tmp_path / "set" / "rendered" / "yaw.parquet"))


def test_dagster_builds_blocks_and_shows_a_contact_sheet(monkeypatch, tmp_path):
    lake = lake_at(tmp_path / "lake", tmp_path / "source", scenes__size="small")
    scripted_workers(monkeypatch, tmp_path / "asked", {})
    assets = [to_dagster(discover.asset(name)) for name in ("scene_specs", "rendered_scenes")]
    outcome = dg.materialize(assets, resources={"settings": lake.settings}, partition_key="yaw")
    (event,) = outcome.asset_materializations_for_node("rendered_scenes")
    shown = event.metadata["pictures"].value
    assert base64.b64decode(shown.partition("base64,")[2][:-1]).startswith(b"\x89PNG")
    assert event.metadata["dagster/row_count"].value == 16


def test_without_specs_it_says_what_is_missing(tmp_path):
    with pytest.raises(MissingError, match="scene_specs"):
        build_asset(lake_at(tmp_path / "lake", tmp_path / "source"), "rendered_scenes", "yaw")

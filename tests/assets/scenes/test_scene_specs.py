"""`scene_specs`: the truth about each picture in the lake, built when it is asked for."""

from support.lake import build_asset, lake_at, spec_of

from assets.graph import discover, plan
from assets.scenes.scene_specs import SPECS
from guyot.scenes.blocks import BLOCKS, documents
from resources.scenes.tables import spec_table


def test_a_block_is_a_partition_with_every_factor(tmp_path):
    lake = lake_at(tmp_path / "lake", tmp_path / "source", scenes__size="small")
    for block in BLOCKS:
        build_asset(lake, "scene_specs", block)
        found = lake.store.table(lake.store.required("scene_specs", block))
        assert found.schema.equals(SPECS.schema)
        assert found.equals(spec_table(documents(block, "small")))


def test_size_and_seed_are_in_its_version_and_nothing_else_is(tmp_path):
    versions = {
        spec_of(lake_at(tmp_path, tmp_path / "source", **given), "scene_specs", "yaw").version
        for given in ({}, {"scenes__size": "small"}, {"scenes__seed": 1}, {"seed": 1})
    }
    assert len(versions) == 3


def test_a_run_of_the_graph_leaves_scenes_alone(tmp_path):
    lake = lake_at(tmp_path / "lake", tmp_path / "source")
    for name in ("scene_specs", "rendered_scenes"):
        assert plan.stale(discover.asset(name), lake) == []
    assert not {"scene_specs", "rendered_scenes"} & {*plan.per_shard(), *plan.curated(), *plan.per_recipe()}

"""`mazes`: the mazes of both splits in the lake, none in two, read back as they were drawn."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from support.agents import agent_lake
from support.lake import build_asset, spec_of

from assets.graph import discover, plan
from assets.navigation.mazes import MAZES, mazes, mazes_share_nothing, walls_of
from guyot.navigation.mazes import mazes as drawn


def test_mazes_are_those_of_the_library_and_share_nothing(tmp_path: Path) -> None:
    lake = agent_lake(tmp_path)
    (built,) = build_asset(lake, "mazes")
    assert built.manifest
    reader = mazes.reader(lake)
    assert lake.store.table(built.manifest).schema.equals(MAZES.schema)
    for split, n in (("train", 40), ("held_out", 20)):
        np.testing.assert_array_equal(walls_of(reader, built.manifest, split), drawn(0, n, 7, split=split))
    assert mazes_share_nothing.result(lake).passed


def test_a_maze_in_two_splits_fails_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = agent_lake(tmp_path)
    assert mazes_share_nothing.result(lake).passed, "nothing to look at"
    monkeypatch.setattr(
        importlib.import_module("assets.navigation.mazes"),
        "drawn",
        lambda seed, n, size, split: drawn(seed, n, size),
    )  # one split for both
    build_asset(lake, "mazes")
    found = mazes_share_nothing.result(lake)
    assert not found.passed
    assert found.metadata["shared"].value == len({walls.tobytes() for walls in drawn(0, 20, 7)})


def test_a_lake_without_agents_is_as_it_was(tmp_path: Path) -> None:
    lake = agent_lake(tmp_path)
    names = {"mazes", "nav_policies", "episodes", "nav_audits"}
    for name in names:
        assert plan.stale(discover.asset(name), lake) == []
    assert not names & {*plan.per_shard(), *plan.curated(), *plan.per_recipe()}


@pytest.mark.parametrize("name", ["seed", "maze_size", "train_mazes", "held_out_mazes"])
def test_what_decides_the_mazes_is_in_their_version(tmp_path: Path, name: str) -> None:
    changed = agent_lake(tmp_path, **{f"navigation__{name}": 9})
    assert spec_of(changed, "mazes").version != spec_of(agent_lake(tmp_path), "mazes").version
    steps = agent_lake(tmp_path, navigation__reward_steps=9)
    assert spec_of(steps, "mazes").version == spec_of(agent_lake(tmp_path), "mazes").version

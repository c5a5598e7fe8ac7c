"""`episodes`: a policy's walks in the lake, the same at each build, in mazes of their split."""

from pathlib import Path

from support.agents import agent_lake
from support.lake import build_asset, spec_of

from assets.navigation.episodes import EPISODES, episodes, show
from assets.navigation.mazes import walls_of
from guyot.navigation.walks import parse_walk


def test_episodes_are_walks_of_the_policy_in_the_mazes_of_their_split(tmp_path: Path) -> None:
    lake = agent_lake(tmp_path)
    build_asset(lake, "mazes")
    build_asset(lake, "nav_policies", "memoryless-0")
    (built,) = build_asset(lake, "episodes", "memoryless-0")
    assert built.manifest
    table = lake.store.table(built.manifest)
    assert table.schema.equals(EPISODES.schema)
    reader, rows = episodes.reader(lake), table.to_pylist()
    mazes = lake.store.required("mazes")
    for split, n in (("train", 6 + 3 * 4), ("held_out", 25)):
        own = [row for row in rows if row["split"] == split]
        assert len(own) == n
        walls = walls_of(reader, mazes, split)
        assert all((parse_walk(row["walk"]).walls == walls[row["maze"]]).all() for row in own)
    assert len({row["task"] for row in rows if row["split"] == "train"}) == 6 + 3
    shown = show(reader, built.manifest)
    assert (shown["episodes"], shown["tasks"]) == (43, 9 + 25)
    held_out = [row["success"] for row in rows if row["split"] == "held_out"]
    assert shown["success in held-out mazes"] == sum(held_out) / 25


def test_tasks_decide_the_version_and_how_policies_are_audited_does_not(tmp_path: Path) -> None:
    lake = agent_lake(tmp_path)
    build_asset(lake, "mazes")
    build_asset(lake, "nav_policies", "memoryless-0")
    version = spec_of(lake, "episodes", "memoryless-0").version
    again = agent_lake(tmp_path, navigation__audit_tasks=9)
    assert spec_of(again, "episodes", "memoryless-0").version == version
    again = agent_lake(tmp_path, navigation__task_repeats=5)
    assert spec_of(again, "episodes", "memoryless-0").version != version

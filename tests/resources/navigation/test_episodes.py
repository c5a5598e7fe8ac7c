"""A policy's episodes are a table of walks, of tasks drawn once or several times."""

import collections

import numpy as np
import pyarrow as pa

from guyot.navigation.mazes import mazes
from guyot.navigation.walks import parse_walk, task_id
from resources.navigation.episodes import (
    EPISODE_SCHEMA,
    corpus_tasks,
    episodes_of,
    held_out_tasks,
    reached,
)
from resources.navigation.policies import Policy
from resources.navigation_settings import NavigationSettings

ASKED = NavigationSettings(maze_size=7, single_tasks=5, repeated_tasks=2, task_repeats=3, held_out_tasks=4)
WALLS = mazes(0, 6, size=7)


def policy() -> Policy:
    from resources.navigation.network import new_network

    return Policy(new_network("gru", 0), {"memory": "gru"})


def test_tasks_are_drawn_once_or_repeated() -> None:
    drawn = corpus_tasks(WALLS, ASKED)
    keys = zip(
        drawn.maze.tolist(), map(tuple, drawn.start.tolist()), map(tuple, drawn.goal.tolist()), strict=True
    )
    assert sorted(collections.Counter(keys).values()) == [1] * 5 + [3] * 2
    others = held_out_tasks(WALLS, ASKED)
    assert len(others) == 4
    assert not np.array_equal(others.start, drawn.start[:4]), "another stream"


def test_the_table_has_a_walk_of_each_task_and_what_is_known_of_it() -> None:
    drawn = corpus_tasks(WALLS, ASKED)
    table = episodes_of(policy(), "recurrent-0", WALLS, drawn, "train", 1)
    assert table.schema == EPISODE_SCHEMA
    rows = table.to_pylist()
    assert [row["id"] for row in rows[:2]] == ["recurrent-0/train/000000", "recurrent-0/train/000001"]
    for number, row in enumerate(rows):
        walk = parse_walk(row["walk"])
        assert walk.start == tuple(drawn.start[number].tolist())
        assert (walk.walls == WALLS[drawn.maze[number]]).all()
        assert row["task"] == task_id(walk)
        assert row["geodesic"] == drawn.geodesic[number]
        assert row["success"] == reached(walk)
        assert row["success"] or len(walk.actions) == 100
    assert len({row["task"] for row in rows}) == 7
    assert any(row["success"] for row in rows)
    assert not all(row["success"] for row in rows)
    assert episodes_of(policy(), "recurrent-0", WALLS, drawn, "train", 1) == table
    walks = [
        one["walk"] for one in episodes_of(policy(), "recurrent-0", WALLS, drawn, "train", 2).to_pylist()
    ]
    assert walks != table["walk"].to_pylist(), "another seed, other actions"
    assert isinstance(table, pa.Table)

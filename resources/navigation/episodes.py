"""Episodes of a policy as a table, of which the records are documents of a source."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from guyot.navigation.tasks import Tasks, tasks
from guyot.navigation.walks import Walk, format_walk, poses, task_id
from resources.navigation.policies import Policy
from resources.navigation.policy_walks import walk_tasks
from resources.navigation_settings import NavigationSettings

TRAIN, HELD_OUT = "train", "held_out"
EPISODE_COLUMNS = (
    ("id", pa.string(), "the policy, the split and a number"),
    ("walk", pa.string(), "the maze, the task and the actions, in three lines"),
    ("split", pa.string(), "train, or held_out: in a maze that no policy learnt in"),
    ("policy", pa.string(), "who walked"),
    ("task", pa.string(), "hash of maze, start, heading and goal: repeats have one"),
    ("maze", pa.int32(), "its number in the table mazes, within its split"),
    ("geodesic", pa.int32(), "moves of the shortest way"),
    ("success", pa.bool_(), "whether the goal was reached"),
)
EPISODE_SCHEMA = pa.schema([column[:2] for column in EPISODE_COLUMNS])


def corpus_tasks(walls: NDArray[np.bool_], navigation: NavigationSettings) -> Tasks:
    """Draw the tasks of a corpus: some once, others several times.

    Parameters
    ----------
    walls : bool[m, size, size]

    Returns
    -------
    Tasks of single_tasks + repeated_tasks x task_repeats rows
    """
    single, repeated = navigation.single_tasks, navigation.repeated_tasks
    drawn = tasks(navigation.seed, walls, single + repeated, stream="corpus")
    again = np.repeat(np.arange(single, single + repeated), navigation.task_repeats)
    return drawn.take(np.concatenate([np.arange(single), again]))


def held_out_tasks(walls: NDArray[np.bool_], navigation: NavigationSettings) -> Tasks:
    """Draw tasks of held-out mazes, each once."""
    return tasks(navigation.seed, walls, navigation.held_out_tasks, stream="held out")


def episodes_of(
    policy: Policy, name: str, walls: NDArray[np.bool_], of: Tasks, split: str, seed: int
) -> pa.Table:
    """Let a policy walk tasks, and return the episodes as a table of `EPISODE_SCHEMA`, in their order.

    Parameters
    ----------
    name : of the policy
    walls : bool[m, size, size], the mazes of the tasks
    seed : of the policy's actions
    """
    return episode_table(walk_tasks(policy, walls, of, seed), name, of, split)


def episode_table(walks: Sequence[Walk], name: str, of: Tasks, split: str) -> pa.Table:
    """Write walks of tasks as a table of `EPISODE_SCHEMA`."""
    rows: dict[str, Sequence[Any]] = {
        "id": [f"{name}/{split}/{number:06d}" for number in range(len(walks))],
        "walk": [format_walk(walk) for walk in walks],
        "split": [split] * len(walks),
        "policy": [name] * len(walks),
        "task": [task_id(walk) for walk in walks],
        "maze": of.maze.tolist(),
        "geodesic": of.geodesic.tolist(),
        "success": [reached(walk) for walk in walks],
    }
    return pa.table(rows, schema=EPISODE_SCHEMA)


def reached(walk: Walk) -> bool:
    """Return whether a walk ends at its goal."""
    return tuple(poses(walk)[-1, :2].tolist()) == walk.goal

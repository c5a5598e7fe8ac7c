"""Walks of policies are what the maze allows, the same for a seed, and go on from what the memory holds."""

import numpy as np
import pytest
import torch

from guyot.errors import ArrayError, SettingError
from guyot.navigation.mazes import mazes
from guyot.navigation.tasks import tasks
from guyot.navigation.walks import Walk, format_walk, parse_walk, poses
from resources.navigation.network import new_network
from resources.navigation.policies import Policy, states
from resources.navigation.policy_settings import MEMORIES
from resources.navigation.policy_walks import walk_tasks

WALLS = mazes(0, 20, size=7)
TASKS = tasks(0, WALLS, 300, min_geodesic=1, max_geodesic=8)
each_memory = pytest.mark.parametrize("memory", MEMORIES)


def policy_of(memory: str = "gru") -> Policy:
    return Policy(new_network(memory, 0), {"memory": memory})


@each_memory
def test_walks_are_possible_and_of_their_tasks(memory: str) -> None:
    walks = walk_tasks(policy_of(memory), WALLS, TASKS, seed=0, max_steps=15)
    ends = []
    for i, walk in enumerate(walks):
        assert format_walk(parse_walk(format_walk(walk))) == format_walk(walk)
        assert np.array_equal(walk.walls, WALLS[TASKS.maze[i]])
        assert (walk.start, walk.goal) == (tuple(TASKS.start[i]), tuple(TASKS.goal[i]))
        assert walk.heading == TASKS.heading[i]
        ends.append((poses(walk)[-1, :2] == walk.goal).all())
        assert 0 < len(walk.actions) <= 15
        assert len(walk.actions) == 15 or ends[-1]
    assert len(walks) == 300
    assert 0.02 < np.mean(ends) < 0.98


def test_the_same_seed_gives_the_same_walks_whatever_comes_after() -> None:
    policy = policy_of()
    every = [format_walk(walk) for walk in walk_tasks(policy, WALLS, TASKS, seed=0, max_steps=15)]
    for n in (1, 30, 256, 290):
        few = walk_tasks(policy, WALLS, TASKS.take(np.arange(n)), seed=0, max_steps=15)
        assert [format_walk(walk) for walk in few] == every[:n]
    other = walk_tasks(policy, WALLS, TASKS.take(np.arange(30)), seed=1, max_steps=15)
    assert [format_walk(walk) for walk in other] != every[:30]
    assert walk_tasks(policy, WALLS, TASKS.take(np.arange(0)), seed=0) == []


def test_a_task_given_twice_is_walked_twice() -> None:
    twice = walk_tasks(policy_of(), WALLS, TASKS.take(np.full(20, 7)), seed=0, max_steps=15)
    assert len({format_walk(walk) for walk in twice}) > 1


def opinionated() -> Policy:
    """A policy whose actions hang on its memory."""
    policy = policy_of()
    with torch.no_grad():
        policy.network.policy.weight *= 300
    return policy


def texts(walks: list[Walk]) -> list[str]:
    return [format_walk(walk) for walk in walks]


def test_a_memory_of_all_observations_is_the_whole_memory() -> None:
    policy, few = opinionated(), TASKS.take(np.arange(40))
    whole = texts(walk_tasks(policy, WALLS, few, seed=0, max_steps=12))
    assert texts(walk_tasks(policy, WALLS, few, seed=0, max_steps=12, n_observations=12)) == whole
    short = texts(walk_tasks(policy, WALLS, few, seed=0, max_steps=12, n_observations=2))
    assert short != whole
    # until there are more observations than it keeps, it does what the whole memory does
    assert all(a.split("\n")[2][:2] == b.split("\n")[2][:2] for a, b in zip(short, whole, strict=True))


def test_a_given_memory_goes_on_from_there() -> None:
    policy = opinionated()
    walks = walk_tasks(policy, WALLS, TASKS, seed=0, max_steps=12)
    blank = np.zeros((len(TASKS), 128), np.float32)
    assert texts(walk_tasks(policy, WALLS, TASKS, seed=0, max_steps=12, initial=blank)) == texts(walks)
    last = np.stack([of[-1] for of in states(policy, walks)])
    found = walk_tasks(policy, WALLS, TASKS, seed=0, max_steps=12, initial=last)
    assert texts(found) != texts(walks)
    others = last.copy()
    others[:256] = 0  # the memories of the first block are none of the second's
    changed = walk_tasks(policy, WALLS, TASKS, seed=0, max_steps=12, initial=others)
    assert texts(changed)[256:] == texts(found)[256:]
    assert texts(changed)[:256] != texts(found)[:256]


def test_memories_that_cannot_be_are_refused() -> None:
    policy, blank = policy_of(), np.zeros((300, 128), np.float32)
    with pytest.raises(SettingError, match="0 observations was asked"):
        walk_tasks(policy, WALLS, TASKS, seed=0, n_observations=0)
    with pytest.raises(SettingError, match="3 observations and a given one"):
        walk_tasks(policy, WALLS, TASKS, seed=0, n_observations=3, initial=blank)
    with pytest.raises(ArrayError, match=r"\[299, 128\] for 300 tasks; give \[300, 128\]"):
        walk_tasks(policy, WALLS, TASKS, seed=0, initial=blank[1:])

"""The loop and numpy do the same to the byte, and each what a walk done by hand does."""

import numpy as np
import pytest

from guyot.navigation.environment import MazeEnvironment
from guyot.navigation.mazes import mazes
from guyot.navigation.stepping import Rewards, _sense, _step_loop
from guyot.navigation.tasks import Tasks, tasks
from guyot.seeds import generator

WALLS = mazes(0, 30)
TASKS = tasks(0, WALLS, 500)
MAZE = np.ones((1, 7, 7), bool)
MAZE[0, 1, 1:4] = MAZE[0, 1:4, 3] = False  # east along row 1, then south along column 3
TASK = Tasks(
    np.zeros(1, np.int32),
    np.array([[1, 1]], np.int16),
    np.array([1], np.int8),
    np.array([[3, 3]], np.int16),
    np.array([4], np.int32),
)


@pytest.mark.parametrize("rewards", [Rewards(), Rewards(-0.003, 0.0, 1.7)])
def test_numpy_and_the_loop_give_the_same_bytes(rewards):
    loop, plain = (
        MazeEnvironment(WALLS, TASKS, 64, rewards, max_steps=50, compiled=compiled)
        for compiled in (True, False)
    )
    drawn = generator(0, "actions")
    assert loop.reset().tobytes() == plain.reset().tobytes()
    n_done = n_bumps = n_successes = 0
    for _ in range(400):
        actions = drawn.choice(3, 64, p=[0.6, 0.2, 0.2])
        one, other = loop.step(actions), plain.step(actions)
        for field, other_field in zip(one, other, strict=True):
            assert field.dtype == other_field.dtype
            assert field.tobytes() == other_field.tobytes()
        assert (loop._state == plain._state).all()
        n_done, n_bumps, n_successes = (
            n_done + one.done.sum(),
            n_bumps + one.bump.sum(),
            n_successes + one.success.sum(),
        )
    assert n_done > 400
    assert n_bumps > 1000
    assert n_successes > 9


def test_the_loop_uncompiled_does_the_same(monkeypatch):
    compiled = MazeEnvironment(WALLS, TASKS, 5, compiled=True)
    monkeypatch.setattr("guyot.navigation.stepping.compiled", lambda loop, *called: loop)
    assert _step_loop.__globals__["_sense"] is _sense
    uncompiled = MazeEnvironment(WALLS, TASKS, 5, compiled=True)
    for action in generator(0, "actions").integers(0, 3, (30, 5)):
        monkeypatch.undo()
        expected = compiled.step(action)
        monkeypatch.setattr("guyot.navigation.stepping.compiled", lambda loop, *called: loop)
        assert all((a == b).all() for a, b in zip(uncompiled.step(action), expected, strict=True))


@pytest.mark.parametrize("compiled", [True, False])
def test_a_walk_by_hand(compiled):
    environment = MazeEnvironment(MAZE, TASK, 1, compiled=compiled)
    said = []
    for action in (0, 0, 0, 2, 0, 1, 2, 0):
        step = environment.step([action])
        said.append(
            (round(float(step.rewards[0]), 5), bool(step.bump[0]), bool(step.done[0]), int(step.moves[0]))
        )
        pose = environment.poses[0].tolist()
    assert said == [
        (0.09, False, False, 1),
        (0.09, False, False, 2),
        (-0.01, True, False, 2),  # a wall to the east
        (-0.01, False, False, 2),
        (0.09, False, False, 3),
        (-0.01, False, False, 3),
        (-0.01, False, False, 3),
        (2.09, False, True, 4),
    ]
    assert step.success.all()
    assert step.steps.tolist() == [8]
    assert pose == [1, 1, 1]  # the next task begins: the same


@pytest.mark.parametrize("compiled", [True, False])
def test_a_step_away_from_the_goal_costs_progress(compiled):
    environment = MazeEnvironment(MAZE, TASK, 1, compiled=compiled)
    rewards = [float(environment.step([action]).rewards[0]) for action in (0, 2, 2, 0)]
    assert rewards == [float(np.float32(reward)) for reward in (0.09, -0.01, -0.01, -0.11)]


@pytest.mark.parametrize("compiled", [True, False])
def test_episodes_end_at_their_last_step_too(compiled):
    environment = MazeEnvironment(MAZE, TASK, 1, max_steps=3, compiled=compiled)
    done = [(bool(s.done[0]), bool(s.success[0]), int(s.steps[0])) for s in map(environment.step, [[1]] * 7)]
    assert done == [(False, False, 1), (False, False, 2), (True, False, 3)] * 2 + [(False, False, 1)]

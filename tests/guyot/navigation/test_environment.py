"""Agents walk tasks in turn, see no wall, and what cannot be is refused."""

import numpy as np
import pytest

from guyot.errors import ArrayError, SettingError
from guyot.navigation.actions import DX, DY, TURN
from guyot.navigation.environment import MazeEnvironment
from guyot.navigation.mazes import mazes
from guyot.navigation.observations import walk_observations
from guyot.navigation.tasks import Tasks, tasks
from guyot.seeds import generator

WALLS = mazes(0, 30)
TASKS = tasks(0, WALLS, 100)
both = pytest.mark.parametrize("compiled", [True, False])


def walked(environment, n_steps):
    """Walk at random; return the actions and steps."""
    actions = generator(0, "actions").choice(3, (n_steps, environment.n_agents), p=[0.6, 0.2, 0.2])
    return actions, [environment.step(row) for row in actions]


@both
def test_agents_walk_every_bth_task(compiled):
    environment = MazeEnvironment(WALLS, TASKS.take(np.arange(10)), 4, max_steps=5, compiled=compiled)
    seen = [environment.task.tolist()]
    for _ in range(4):
        for _ in range(4):
            assert not environment.step([1] * 4).done.any()
        assert environment.step([1] * 4).done.all()
        seen.append(environment.task.tolist())
    assert seen == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 0, 1], [2, 3, 4, 5], [6, 7, 8, 9]]


@both
def test_poses_follow_from_actions_and_bumps_alone(compiled):
    environment = MazeEnvironment(WALLS, TASKS, 20, compiled=compiled)
    poses, start = [environment.poses], environment.task
    actions, steps = walked(environment, 99)
    live = np.ones(20, bool)
    for row, step in zip(actions, steps, strict=True):
        x, y, heading = poses[-1].T
        moves = (row == 0) & ~step.bump
        blocked = WALLS[TASKS.maze[start], y + np.array(DY)[heading], x + np.array(DX)[heading]]
        assert (step.bump == ((row == 0) & blocked))[live].all()
        turned = (heading + np.array(TURN)[row]) % 4
        poses.append(
            np.column_stack([x + moves * np.array(DX)[heading], y + moves * np.array(DY)[heading], turned])
        )
        live &= ~step.done
        reached = (poses[-1][:, :2] == TASKS.goal[start]).all(axis=1)
        assert (step.success == reached)[live].all()
    for i in np.flatnonzero(live):
        seen = walk_observations(np.stack(poses)[:, i], actions[:, i], tuple(TASKS.goal[i]))
        assert (np.stack([step.observations[i] for step in steps]) == seen[1:]).all()
    assert live.sum() > 5


@both
def test_no_wall_shows_in_an_observation(compiled):
    """The same poses, goal and action in two mazes give equal bytes."""
    open_maze = np.ones((1, 11, 11), bool)
    open_maze[0, 1:-1, 1:-1] = False
    row, other = np.zeros(1, np.int32), mazes(0, 1, 11, 0.5)
    free = np.argwhere(~other[0])[:, ::-1].astype(np.int16)
    start, goal = free[[0]], free[[-1]]
    seen = []
    for walls in (open_maze, other):
        from guyot.navigation.geodesics import geodesics

        task = Tasks(row, start, np.ones(1, np.int8), goal, geodesics(walls, row, start, goal))
        environment = MazeEnvironment(walls, task, 1, compiled=compiled)
        first = environment.reset()
        turns = [environment.step([action]).observations for action in (1, 2, 2, 1)]
        seen.append([first.tobytes(), *(turn.tobytes() for turn in turns)])
    assert seen[0] == seen[1]


@both
def test_what_is_known_of_agents_between_steps(compiled):
    environment = MazeEnvironment(WALLS, TASKS, 20, compiled=compiled)
    assert environment.restarted.all()
    assert (environment.geodesics == TASKS.geodesic[:20]).all()
    assert (environment.goals == TASKS.goal[:20]).all()
    assert (environment.poses == np.column_stack([TASKS.start, TASKS.heading])[:20]).all()
    ended = np.zeros(20, int)
    for row in generator(1, "actions").choice(3, (300, 20), p=[0.6, 0.2, 0.2]):
        task, geodesics = environment.task, environment.geodesics
        step = environment.step(row)
        assert (step.task == task).all()
        assert (environment.bumped == (step.bump & ~step.done)).all()
        assert (environment.restarted == step.done).all()
        stayed = ~step.done & ((row != 0) | step.bump)
        assert (environment.geodesics == geodesics)[stayed].all()
        ended += step.done
    assert ended.min() >= 3


def test_steps_are_not_overwritten_by_later_ones():
    environment = MazeEnvironment(WALLS, TASKS, 3)
    first = environment.step([1, 1, 1])
    copies = [field.copy() for field in first]
    environment.step([0, 0, 0])
    assert all((a == b).all() for a, b in zip(first, copies, strict=True))


def test_reset_begins_again():
    environment = MazeEnvironment(WALLS, TASKS, 3)
    first = environment.reset()
    _, steps = walked(environment, 150)
    assert (environment.reset() == first).all()
    _, again = walked(environment, 150)
    assert all((a.observations == b.observations).all() for a, b in zip(steps, again, strict=True))


@both
def test_a_state_can_be_put_in_place_and_gone_on_from(compiled):
    environment = MazeEnvironment(WALLS, TASKS, 3, max_steps=30, compiled=compiled)
    walked(environment, 50)
    state = environment.state
    _, steps = walked(environment, 50)
    other = MazeEnvironment(WALLS, TASKS, 3, max_steps=30, compiled=compiled)
    seen = other.restore(state)
    kept = state.copy()
    _, again = walked(other, 50)
    assert all((a == b).all() for s, t in zip(steps, again, strict=True) for a, b in zip(s, t, strict=True))
    assert (state == kept).all()
    assert other.restore(state).tobytes() == seen.tobytes()
    with pytest.raises(ArrayError, match="3 agents"):
        environment.restore(state[:, :2])


def test_agents_can_begin_with_any_task():
    environment = MazeEnvironment(WALLS, TASKS, 2, max_steps=1)
    environment.reset([7, 99])
    assert environment.poses[:, :2].tolist() == TASKS.start[[7, 99]].tolist()
    assert environment.step([1, 1]).task.tolist() == [7, 99]
    assert environment.task.tolist() == [9, 1]
    for wrong in ([1], [0, 100], [-1, 0]):
        with pytest.raises(ArrayError, match="give 2 numbers from 0 to 99"):
            environment.reset(wrong)


@pytest.mark.parametrize(
    "actions", [[0, 0], [0, 0, 3], [0, -1, 0], [0, 0, 256], [0.0, 1.0, 2.0], [[0, 0, 0]]]
)
def test_actions_that_there_are_not_are_refused(actions):
    environment = MazeEnvironment(WALLS, TASKS, 3)
    before = environment.poses
    with pytest.raises(ArrayError, match="actions"):
        environment.step(actions)
    assert (environment.poses == before).all()


def test_tasks_of_other_mazes_are_refused():
    with pytest.raises(ArrayError, match="the mazes of these tasks|is wall"):
        MazeEnvironment(WALLS[::-1], TASKS, 3)
    longer = Tasks(TASKS.maze, TASKS.start, TASKS.heading, TASKS.goal, TASKS.geodesic + 1)
    with pytest.raises(ArrayError, match="task 0 has heading"):
        MazeEnvironment(WALLS, longer, 3)
    wrong = Tasks(TASKS.maze, TASKS.start, TASKS.heading + np.int8(4), TASKS.goal, TASKS.geodesic)
    with pytest.raises(ArrayError, match="heading"):
        MazeEnvironment(WALLS, wrong, 3)
    at_goal = Tasks(TASKS.maze, TASKS.goal, TASKS.heading, TASKS.goal, TASKS.geodesic * 0)
    with pytest.raises(ArrayError, match="ways of at least 1"):
        MazeEnvironment(WALLS, at_goal, 3)


def test_at_least_one_of_each_is_needed(monkeypatch):
    for asked in ({"n_agents": 0}, {"max_steps": 0}, {"tasks": TASKS.take(np.array([], int))}):
        with pytest.raises(SettingError, match="at least 1 of each"):
            MazeEnvironment(**{"walls": WALLS, "tasks": TASKS, "n_agents": 2, **asked})
    monkeypatch.setattr("guyot.navigation.environment.numba_is_installed", lambda: False)
    with pytest.raises(SettingError, match="navigation"):
        MazeEnvironment(WALLS, TASKS, 2, compiled=True)
    assert MazeEnvironment(WALLS, TASKS, 2).reset().shape == (2, 12)

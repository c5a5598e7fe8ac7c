"""Gymnasium's own checker passes, and episodes are those of the batch."""

import warnings

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import SyncVectorEnv

from guyot.errors import ArrayError, SettingError
from guyot.navigation.environment import MazeEnvironment
from guyot.navigation.gymnasium_environment import MazeGymnasium
from guyot.navigation.mazes import mazes
from guyot.navigation.observations import observations
from guyot.navigation.tasks import Tasks, tasks
from guyot.seeds import generator

WALLS = mazes(0, 20)
TASKS = tasks(0, WALLS, 30)


def test_gymnasiums_checker_passes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*spec.*")  # it is not registered under a name
        check_env(MazeGymnasium(WALLS, TASKS, render_mode="ansi"))


def test_episodes_are_those_of_the_batch():
    one, batch = MazeGymnasium(WALLS, TASKS), MazeEnvironment(WALLS, TASKS, 30)
    expected = batch.reset()
    for i in range(30):
        seen, info = one.reset(options={"task": i})
        assert seen.tobytes() == expected[i].tobytes()
        assert (info["task"], info["geodesic"], info["steps"]) == (i, TASKS.geodesic[i], 0)
    n_ended, drawn = 0, generator(0, "actions")
    for i in range(30):
        one.reset(options={"task": i})
        batch.reset(np.full(30, i))
        for _ in range(100):
            action = int(drawn.choice(3, p=[0.6, 0.2, 0.2]))
            seen, reward, terminated, truncated, info = one.step(action)
            step = batch.step([action] * 30)
            assert (reward, terminated) == (step.rewards[0], step.success[0])
            assert truncated == (step.done[0] and not step.success[0])
            assert (info["bump"], info["moves"], info["steps"]) == (
                step.bump[0],
                step.moves[0],
                step.steps[0],
            )
            if step.done[0]:
                n_ended += terminated
                break
            assert seen.tobytes() == step.observations[0].tobytes()
        assert terminated or truncated
    assert n_ended > 0


def test_the_last_observation_is_of_the_goal():
    walls = np.ones((1, 7, 7), bool)
    walls[0, 1, 1:4] = False
    row = np.zeros(1, np.int32)
    start, goal = np.array([[1, 1]], np.int16), np.array([[3, 1]], np.int16)
    one = MazeGymnasium(
        walls, Tasks(row, start, np.array([1], np.int8), goal, np.array([2], np.int32)), render_mode="ansi"
    )
    one.reset()
    assert one.render().splitlines()[:2] == ["#######", "#> G###"]
    one.step(0)
    seen, reward, terminated, truncated, info = one.step(0)
    assert (terminated, truncated, info["success"], info["moves"]) == (True, False, True, 2)
    assert seen.tobytes() == observations(np.array([3, 1, 1]), start[0], goal[0], np.array(0)).tobytes()
    assert reward == np.float32(2.09)
    assert one.render().splitlines()[1] == "#  >###"


def test_seeds_choose_tasks_and_all_are_chosen():
    one = MazeGymnasium(WALLS, TASKS)
    drawn = [one.reset(seed=0)[1]["task"], *(one.reset()[1]["task"] for _ in range(400))]
    again = [one.reset(seed=0)[1]["task"], *(one.reset()[1]["task"] for _ in range(400))]
    assert drawn == again
    assert set(drawn) == set(range(30))


def test_several_walk_by_gymnasiums_vectors():
    several = SyncVectorEnv([lambda: MazeGymnasium(WALLS, TASKS)] * 3)
    seen, _ = several.reset(seed=0)
    assert seen.shape == (3, 12)
    assert several.step(np.array([0, 1, 2]))[0].shape == (3, 12)


def test_what_cannot_be_is_refused():
    one = MazeGymnasium(WALLS, TASKS)
    with pytest.raises(SettingError, match="ansi"):
        MazeGymnasium(WALLS, TASKS, render_mode="human")
    with pytest.raises(ArrayError, match="from 0 to 29"):
        one.reset(options={"task": 30})
    one.reset(seed=0)
    with pytest.raises(ArrayError, match="actions reach"):
        one.step(3)
    assert one.render() is None

"""A batch by Gymnasium's interface is what Gymnasium makes of single agents."""

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import RecordEpisodeStatistics

from guyot.errors import ArrayError
from guyot.navigation.gymnasium_environment import MazeGymnasium
from guyot.navigation.gymnasium_vector_environment import MazeVectorGymnasium
from guyot.navigation.mazes import mazes
from guyot.navigation.tasks import tasks
from guyot.seeds import generator

WALLS = mazes(0, 20)
TASKS = tasks(0, WALLS, 30)


def test_a_batch_is_gymnasiums_own_vector_of_single_agents():
    batch = MazeVectorGymnasium(WALLS, TASKS.take(np.arange(3)), 3, max_steps=20)
    several = SyncVectorEnv(
        [lambda i=i: MazeGymnasium(WALLS, TASKS.take(np.array([i])), max_steps=20) for i in range(3)],
        autoreset_mode=AutoresetMode.SAME_STEP,
    )
    assert batch.observation_space == several.observation_space
    assert batch.action_space == several.action_space
    assert (batch.reset(seed=0)[0] == several.reset(seed=0)[0]).all()
    n_ended = 0
    for actions in generator(3, "actions").choice(3, (500, 3), p=[0.6, 0.2, 0.2]):
        one, other = batch.step(actions), several.step(actions)
        for field, other_field in zip(one[:4], other[:4], strict=True):
            assert (field == other_field.astype(field.dtype)).all()
        assert ("final_obs" in one[4]) == ("final_obs" in other[4])
        for i in np.flatnonzero(one[4].get("_final_obs", [])):
            assert (one[4]["final_obs"][i] == other[4]["final_obs"][i]).all()
            n_ended += 1
    assert n_ended > 60


def test_gymnasiums_wrappers_go_over_a_batch():
    counted = RecordEpisodeStatistics(MazeVectorGymnasium(WALLS, TASKS, 4, max_steps=9))
    counted.reset()
    told = [counted.step(np.array([1, 1, 1, 1]))[4] for _ in range(9)]
    assert told[-1]["episode"]["l"].tolist() == [9] * 4


def test_a_batch_can_begin_with_any_tasks():
    batch = MazeVectorGymnasium(WALLS, TASKS, 2)
    assert batch.reset(options={"task": [7, 3]})[1]["task"].tolist() == [7, 3]
    with pytest.raises(ArrayError, match="from 0 to 29"):
        batch.reset(options={"task": [7, 30]})

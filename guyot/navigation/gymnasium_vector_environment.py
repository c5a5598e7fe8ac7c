"""A batch of mazes by Gymnasium's interface of vector environments (pip install "guyot[navigation]")."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from guyot.navigation.actions import N_ACTIONS
from guyot.navigation.environment import MAX_STEPS, MazeEnvironment
from guyot.navigation.gymnasium_environment import moved, observed_space
from guyot.navigation.observations import observations
from guyot.navigation.stepping import Rewards
from guyot.navigation.tasks import Tasks

Flags = NDArray[np.bool_]


class MazeVectorGymnasium(gymnasium.vector.VectorEnv[NDArray[np.float32], NDArray[np.int64], NDArray[Any]]):
    """A batch of blind agents in mazes, each at a task of its own: `MazeEnvironment` for Gymnasium's agents.

    Parameters
    ----------
    walls : bool[m, size, size], borders closed
    tasks : tasks in them; agent i walks tasks i, i + b, i + 2b ... modulo their number
    n_agents : b
    rewards, max_steps : as `MazeEnvironment`

    Raises
    ------
    ArrayError, SettingError : as `MazeEnvironment`.

    Notes
    -----
    An agent whose episode ended starts the next task in the same step (AutoresetMode.SAME_STEP); the info's
    "final_obs" holds what it last saw, where "_final_obs" says so.

    Examples
    --------
    >>> from guyot.navigation.mazes import mazes
    >>> from guyot.navigation.tasks import tasks
    >>> walls = mazes(0, 5)
    >>> environment = MazeVectorGymnasium(walls, tasks(0, walls, 9), 4)
    >>> environment.reset()[0].shape
    (4, 12)
    """

    metadata: dict[str, Any] = {"autoreset_mode": gymnasium.vector.AutoresetMode.SAME_STEP}

    def __init__(
        self,
        walls: NDArray[np.bool_],
        tasks: Tasks,
        n_agents: int,
        rewards: Rewards = Rewards(),  # noqa: B008 - it is frozen
        max_steps: int = MAX_STEPS,
    ) -> None:
        self._environment = MazeEnvironment(walls, tasks, n_agents, rewards, max_steps)
        self.tasks, self.num_envs = tasks, n_agents
        seen = observed_space(walls.shape[1])
        self.single_observation_space = seen
        self.single_action_space = gymnasium.spaces.Discrete(N_ACTIONS)
        self.observation_space = batch_space(seen, n_agents)
        self.action_space = batch_space(self.single_action_space, n_agents)

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Start anew.

        Parameters
        ----------
        seed : nothing is drawn here; tasks were drawn from a seed of theirs
        options : {"task": int[b]} begins with those tasks; by default agent i begins with task i

        Returns
        -------
        (observations float32[b, 12], info)

        Raises
        ------
        ArrayError : tasks that there are not.

        Examples
        --------
        >>> from guyot.navigation.mazes import mazes
        >>> from guyot.navigation.tasks import tasks
        >>> walls = mazes(0, 5)
        >>> environment = MazeVectorGymnasium(walls, tasks(0, walls, 9), 2)
        >>> environment.reset(options={"task": [3, 4]})[1]["task"].tolist()
        [3, 4]
        """
        seen = self._environment.reset((options or {}).get("task"))
        return seen, {"task": self._environment.task}

    def step(
        self, actions: NDArray[np.int64]
    ) -> tuple[
        NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]
    ]:
        """Do one action of each agent.

        Parameters
        ----------
        actions : int[b], 0 forward, 1 left, 2 right

        Returns
        -------
        (observations float32[b, 12], rewards float32[b], terminated bool[b], truncated bool[b], info)

        Raises
        ------
        ArrayError : another number of actions, or one that there is not.

        Examples
        --------
        >>> from guyot.navigation.mazes import mazes
        >>> from guyot.navigation.tasks import tasks
        >>> walls = mazes(0, 5)
        >>> environment = MazeVectorGymnasium(walls, tasks(0, walls, 9), 2)
        >>> environment.step(np.array([1, 2]))[2].tolist()
        [False, False]
        """
        poses = self._environment.poses.astype(np.int64)
        step = self._environment.step(actions)
        info: dict[str, Any] = {
            "task": step.task, "success": step.success, "bump": step.bump, "moves": step.moves,
            "steps": step.steps, "geodesic": self.tasks.geodesic[step.task],
        }  # fmt: skip
        if step.done.any():
            start, goal = self.tasks.start[step.task], self.tasks.goal[step.task]
            given = np.asarray(actions)
            info["final_obs"] = observations(moved(poses, given, step.bump), start, goal, given)
            info["_final_obs"] = step.done
        return step.observations, step.rewards, step.success, step.done & ~step.success, info

"""The maze by Gymnasium's interface, for agents of other libraries (pip install "guyot[navigation]")."""

from typing import Any, SupportsInt, cast

import gymnasium
import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.navigation.actions import DX, DY, FORWARD, N_ACTIONS, N_HEADINGS, TURN
from guyot.navigation.environment import MAX_STEPS, MazeEnvironment
from guyot.navigation.observations import CELLS_PER_UNIT, N_OBSERVED, observations
from guyot.navigation.stepping import Rewards
from guyot.navigation.tasks import Tasks

_ARROWS = "^>v<"


class MazeGymnasium(gymnasium.Env[NDArray[np.float32], np.int64]):
    """One blind agent in mazes; an episode is a task.

    Parameters
    ----------
    walls : bool[m, size, size], borders closed
    tasks : tasks in them; each reset draws one, uniformly, unless its options name it: {"task": 3}
    rewards, max_steps : as `MazeEnvironment`
    render_mode : "ansi", and `render` returns a drawing in letters, or None

    Raises
    ------
    ArrayError, SettingError : as `MazeEnvironment`; a render mode or task that there is not.

    Notes
    -----
    `terminated` is at the goal, `truncated` after max_steps. The info holds task, success, bump, moves, steps
    and geodesic (of the task). A step takes some 40 us, hundreds of times an agent's share of a batch's:
    train with `MazeVectorGymnasium` or `MazeEnvironment`.

    Examples
    --------
    >>> from guyot.navigation.mazes import mazes
    >>> from guyot.navigation.tasks import tasks
    >>> walls = mazes(0, 5)
    >>> environment = MazeGymnasium(walls, tasks(0, walls, 9))
    >>> seen, info = environment.reset(seed=0, options={"task": 3})
    >>> seen.shape, info["task"]
    ((12,), 3)
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"], "render_fps": 4}

    def __init__(
        self,
        walls: NDArray[np.bool_],
        tasks: Tasks,
        rewards: Rewards = Rewards(),  # noqa: B008 - it is frozen
        max_steps: int = MAX_STEPS,
        render_mode: str | None = None,
    ) -> None:
        if render_mode not in (None, "ansi"):
            raise SettingError(f'render_mode {render_mode!r} was asked for; give "ansi" or None')
        self._environment = MazeEnvironment(walls, tasks, 1, rewards, max_steps)
        self._walls = walls
        self.tasks, self.render_mode = tasks, render_mode
        self.observation_space = observed_space(walls.shape[1])
        self.action_space = gymnasium.spaces.Discrete(N_ACTIONS)
        self._pose = np.zeros(3, np.int64)
        self._task = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode.

        Parameters
        ----------
        seed : of the tasks that are drawn from here on
        options : {"task": i} begins with that task

        Returns
        -------
        (observation float32[12], info)

        Raises
        ------
        ArrayError : a task that there is not.

        Examples
        --------
        >>> from guyot.navigation.mazes import mazes
        >>> from guyot.navigation.tasks import tasks
        >>> walls = mazes(0, 5)
        >>> environment = MazeGymnasium(walls, tasks(0, walls, 9))
        >>> environment.reset(seed=1)[1] == environment.reset(seed=1)[1]
        True
        """
        super().reset(seed=seed)
        asked = (options or {}).get("task")
        self._task = int(self.np_random.integers(len(self.tasks))) if asked is None else int(asked)
        seen = self._environment.reset([self._task])[0]
        self._pose = self._environment.poses[0].astype(np.int64)
        return seen, self._info(False, False, 0, 0)

    def step(self, action: SupportsInt) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Do an action.

        Parameters
        ----------
        action : 0 forward, 1 left, 2 right

        Returns
        -------
        (observation float32[12], reward, terminated, truncated, info)

        Raises
        ------
        ArrayError : an action that there is not.

        Examples
        --------
        >>> from guyot.navigation.mazes import mazes
        >>> from guyot.navigation.tasks import tasks
        >>> walls = mazes(0, 5)
        >>> environment = MazeGymnasium(walls, tasks(0, walls, 9))
        >>> _ = environment.reset(seed=0)
        >>> environment.step(1)[1:4]
        (-0.009999999776482582, False, False)
        """
        action = int(action)
        step = self._environment.step([action])
        success, bump, done = bool(step.success[0]), bool(step.bump[0]), bool(step.done[0])
        self._pose = moved(self._pose[None], np.array([action]), step.bump)[0]
        tasks = self.tasks  # the batch has restarted an agent that is done: what it last saw is made here
        seen = observations(self._pose, tasks.start[self._task], tasks.goal[self._task], np.array(action))
        info = self._info(success, bump, int(step.moves[0]), int(step.steps[0]))
        return seen, float(step.rewards[0]), success, done and not success, info

    def render(self) -> str | None:  # pyright: ignore[reportIncompatibleMethodOverride] - of one mode
        """Draw the maze: # wall, G goal, the agent as an arrow. None without a render mode.

        Examples
        --------
        >>> from guyot.navigation.mazes import mazes
        >>> from guyot.navigation.tasks import tasks
        >>> walls = mazes(0, 5)
        >>> environment = MazeGymnasium(walls, tasks(0, walls, 9), render_mode="ansi")
        >>> _ = environment.reset(seed=0)
        >>> environment.render().count("G")
        1
        """
        if self.render_mode is None:
            return None
        letters = np.where(self._walls[self.tasks.maze[self._task]], "#", " ")
        goal_x, goal_y = self.tasks.goal[self._task]
        letters[goal_y, goal_x] = "G"
        x, y, heading = self._pose.tolist()
        letters[y, x] = _ARROWS[heading]
        return "\n".join("".join(row) for row in letters)

    def _info(self, success: bool, bump: bool, moves: int, steps: int) -> dict[str, Any]:
        """Return what is told beside an observation."""
        geodesic = int(self.tasks.geodesic[self._task])
        return {
            "task": self._task, "success": success, "bump": bump, "moves": moves, "steps": steps,
            "geodesic": geodesic,
        }  # fmt: skip


def observed_space(size: int) -> gymnasium.Space[NDArray[np.float32]]:
    """Return the space of observations, float32[12], in mazes of a size.

    Examples
    --------
    >>> observed_space(11).shape
    (12,)
    """
    least, most = np.zeros(N_OBSERVED, np.float32), np.ones(N_OBSERVED, np.float32)
    least[:4], most[:4] = -size / CELLS_PER_UNIT, size / CELLS_PER_UNIT
    return cast(gymnasium.Space[NDArray[np.float32]], gymnasium.spaces.Box(least, most, dtype=np.float32))


def moved(
    poses: NDArray[np.int64], actions: NDArray[np.integer], bumps: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return where actions led.

    Parameters
    ----------
    poses : int64[b, 3], x, y, heading, before
    actions : int[b]
    bumps : bool[b], which of them were bumps

    Returns
    -------
    int64[b, 3]

    Examples
    --------
    >>> moved(np.array([[1, 1, 1]]), np.array([0]), np.array([False])).tolist()
    [[2, 1, 1]]
    """
    x, y, heading = poses.T
    ahead = (actions == FORWARD) & ~bumps
    turned = (heading + np.array(TURN)[actions]) % N_HEADINGS
    return np.stack([x + ahead * np.array(DX)[heading], y + ahead * np.array(DY)[heading], turned], axis=1)

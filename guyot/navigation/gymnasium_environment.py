"""The maze by Gymnasium's interface, for agents of other libraries (pip install "guyot[navigation]")."""

from typing import Any, SupportsInt

import gymnasium
import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.navigation.actions import DX, DY, FORWARD, N_ACTIONS, N_HEADINGS, TURN
from guyot.navigation.environment import MAX_STEPS, MazeEnvironment, Rewards
from guyot.navigation.observations import CELLS_PER_UNIT, N_OBSERVED, observations
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
    train with `MazeEnvironment`.

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
        furthest = np.full(N_OBSERVED, 1, np.float32)
        furthest[:4] = walls.shape[1] / CELLS_PER_UNIT
        least = np.where(furthest > 1, -furthest, 0).astype(np.float32)
        least[:4] = -furthest[:4]
        self.observation_space = gymnasium.spaces.Box(least, furthest, dtype=np.float32)
        self.action_space = gymnasium.spaces.Discrete(N_ACTIONS)
        self._pose = np.zeros(3, np.int64)
        self._task = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode; see the class.

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
        """Do an action: observation, reward, terminated, truncated, info.

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
        x, y, heading = self._pose.tolist()
        ahead = int(action == FORWARD and not bump)
        x, y = x + ahead * DX[heading], y + ahead * DY[heading]
        self._pose = np.array([x, y, (heading + TURN[action]) % N_HEADINGS])
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

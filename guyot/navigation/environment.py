"""Many mazes walked at once: an action each in, an observation and a reward each out."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from guyot.errors import ArrayError, SettingError
from guyot.navigation.actions import N_ACTIONS
from guyot.navigation.compilation import numba_is_installed
from guyot.navigation.geodesics import distance_fields, geodesics
from guyot.navigation.mazes import check_mazes
from guyot.navigation.stepping import (
    BUMPED,
    GOAL_X,
    GOAL_Y,
    HEADING,
    N_STATE,
    PREVIOUS,
    TASK,
    Rewards,
    Step,
    World,
    X,
    Y,
    restart,
    sense,
    step_compiled,
    step_in_numpy,
)
from guyot.navigation.tasks import Tasks

MAX_STEPS = 100


class MazeEnvironment:
    """A batch of blind agents, each in a maze of its own.

    A forward into a wall is a bump: the agent stays. Reaching the goal ends an episode, and so does its last
    step; the agent then starts the next task. Agent i walks tasks i, i + b, i + 2b ... modulo their number.

    Parameters
    ----------
    walls : bool[m, size, size], borders closed
    tasks : n tasks in them
    n_agents : b; with b = n each task is walked once before any is again
    rewards : what actions earn
    max_steps : actions of an episode at most
    compiled : whether numba's loop steps, or numpy; by default the loop where numba is installed

    Raises
    ------
    ArrayError : walls or tasks that cannot be.
    SettingError : no task, no agent or no step, or `compiled` where numba is not installed.

    Notes
    -----
    Distances to each task's goal are kept, 2 n size^2 bytes: 242 MB for a million tasks of size 11. Both ways
    of stepping give the same bytes.

    Examples
    --------
    >>> from guyot.navigation.mazes import mazes
    >>> from guyot.navigation.tasks import tasks
    >>> walls = mazes(0, 5)
    >>> environment = MazeEnvironment(walls, tasks(0, walls, 8), 4)
    >>> environment.reset().shape
    (4, 12)
    >>> step = environment.step([1, 1, 2, 2])
    >>> step.rewards.tolist() == [np.float32(-0.01)] * 4, step.done.any()
    (True, np.False_)
    """

    def __init__(
        self,
        walls: NDArray[np.bool_],
        tasks: Tasks,
        n_agents: int,
        rewards: Rewards = Rewards(),  # noqa: B008 - it is frozen
        max_steps: int = MAX_STEPS,
        compiled: bool | None = None,
    ) -> None:
        _check(walls, tasks, n_agents, max_steps)
        compiled = numba_is_installed() if compiled is None else compiled
        if compiled and not numba_is_installed():
            raise SettingError('numba is not installed; pip install "guyot[navigation]", or compiled=False')
        columns = (*tasks.start.T, tasks.heading, *tasks.goal.T)
        table = np.stack(columns, axis=1).astype(np.int32)
        fields = distance_fields(walls, tasks.maze, tasks.goal)
        self.tasks, self.n_agents = tasks, n_agents
        self._world = World(table, fields, rewards, max_steps)
        self._step = step_compiled if compiled else step_in_numpy
        self._state = np.zeros((N_STATE, n_agents), np.int32)
        self.reset()

    def reset(self, task: ArrayLike | None = None) -> NDArray[np.float32]:
        """Start anew, each agent with a task.

        Parameters
        ----------
        task : int[b], agents go on from there; by default agent i begins with task i, modulo their number

        Returns
        -------
        float32[b, 12], see `observations`

        Raises
        ------
        ArrayError : another number of tasks, or one that there is not.
        """
        n = len(self.tasks)
        chosen = np.arange(self.n_agents) % n if task is None else np.asarray(task)
        if chosen.shape != (self.n_agents,) or not 0 <= chosen.min() <= chosen.max() < n:
            raise ArrayError(f"tasks {chosen} were given; give {self.n_agents} numbers from 0 to {n - 1}")
        restart(self._world, self._state, np.ones(self.n_agents, np.bool_), chosen)
        return sense(self._world, self._state)

    def step(self, actions: ArrayLike) -> Step:
        """Do one action of each agent.

        Parameters
        ----------
        actions : int[b], 0 forward, 1 left, 2 right

        Returns
        -------
        Step, of new arrays

        Raises
        ------
        ArrayError : another number of actions, or one that there is not.

        Notes
        -----
        O(b); compiled, 256 agents take 11 us, 4,096 agents 0.1 ms.
        """
        given = np.asarray(actions)
        if given.shape != (self.n_agents,) or given.dtype.kind not in "iu":
            raise ArrayError(f"actions are {given.dtype}{list(given.shape)}; give integers [{self.n_agents}]")
        if given.view(f"u{given.itemsize}").max() >= N_ACTIONS:  # negative ones are large ones
            raise ArrayError(f"actions reach from {given.min()} to {given.max()}; give 0 to {N_ACTIONS - 1}")
        return self._step(self._world, self._state, given.astype(np.uint8, copy=False))

    @property
    def state(self) -> NDArray[np.int32]:
        """Where each agent is, int32[8, b]: all that `restore` needs."""
        return self._state.copy()

    def restore(self, state: NDArray[np.int32]) -> NDArray[np.float32]:
        """Put agents where those of an environment of the same tasks were.

        Parameters
        ----------
        state : int32[8, b], see `state`

        Returns
        -------
        float32[b, 12], see `observations`

        Raises
        ------
        ArrayError : it is of another number of agents.
        """
        if state.shape != self._state.shape:
            raise ArrayError(f"the state is {list(state.shape)}; give that of {self.n_agents} agents")
        self._state = state.astype(np.int32)
        return sense(self._world, self._state)

    @property
    def task(self) -> NDArray[np.int32]:
        """The task that each agent is at, int32[b]."""
        return self._state[TASK].copy()

    @property
    def poses(self) -> NDArray[np.int16]:
        """Where each agent is, int16[b, 3]: x, y, heading."""
        return self._state[[X, Y, HEADING]].T.astype(np.int16)

    @property
    def goals(self) -> NDArray[np.int16]:
        """Each agent's goal, int16[b, 2]: x, y."""
        return self._world.table[self._state[TASK]][:, [GOAL_X, GOAL_Y]].astype(np.int16)

    @property
    def bumped(self) -> NDArray[np.bool_]:
        """Whether each agent's last action in this episode was a bump, bool[b]."""
        return self._state[BUMPED] == 1

    @property
    def restarted(self) -> NDArray[np.bool_]:
        """Whether each agent is at the start of an episode, bool[b]."""
        return self._state[PREVIOUS] == N_ACTIONS

    @property
    def geodesics(self) -> NDArray[np.int32]:
        """Each agent's way to its goal from where it is, int32[b]: moves."""
        fields = self._world.fields
        return fields[self._state[TASK], self._state[Y], self._state[X]].astype(np.int32)


def _check(walls: NDArray[np.bool_], tasks: Tasks, n_agents: int, max_steps: int) -> None:
    """Require tasks that can be walked."""
    check_mazes(walls)
    if not len(tasks) or n_agents < 1 or max_steps < 1:
        raise SettingError(
            f"{len(tasks)} tasks, {n_agents} agents and {max_steps} steps were given; give at least 1 of each"
        )
    found = geodesics(walls, tasks.maze, tasks.start, tasks.goal)
    wrong = (found < 1) | (found != tasks.geodesic) | (tasks.heading < 0) | (tasks.heading > 3)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ArrayError(
            f"task {row} has heading {tasks.heading[row]} and geodesic {tasks.geodesic[row]}, its maze's is "
            f"{found[row]}; give headings 0 to 3, ways of at least 1, and the mazes of these tasks"
        )

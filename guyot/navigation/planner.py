"""The blind planner: what is not known to be wall is free; walls are known by bumping into them."""

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.navigation.actions import DX, DY, N_ACTIONS, N_HEADINGS
from guyot.navigation.compilation import compiled
from guyot.navigation.environment import MAX_STEPS, MazeEnvironment
from guyot.navigation.tasks import Tasks


class BlindPlanner:
    """Plans for a batch of agents, each by the walls that it has bumped into in its episode.

    An agent sees no wall. It takes every cell that it has not bumped into for free, the border too, and goes
    the way of fewest actions to its goal, turns and forward moves alike; after a bump it plans anew. It is
    the teacher of imitation, and about the best that a blind agent can do.

    Parameters
    ----------
    n_agents : b
    size : of the mazes, cells along a side; no way leads out of the square

    Examples
    --------
    >>> planner = BlindPlanner(1, 7)
    >>> pose, goal, yes, no = np.array([[1, 1, 0]]), np.array([[3, 3]]), np.array([True]), np.array([False])
    >>> planner.best_actions(pose, goal, bumped=no, restarted=yes).tolist()  # east, then south
    [[False, False, True]]
    >>> planner.best_actions(np.array([[1, 1, 1]]), goal, bumped=yes, restarted=no).tolist()
    [[False, False, True]]
    """

    def __init__(self, n_agents: int, size: int) -> None:
        self._width = size + 2  # a frame that no way leads through
        self._known = np.ones((n_agents, self._width * self._width), np.bool_)
        self._costs = np.full((n_agents, self._width * self._width * N_HEADINGS), -1, np.int16)
        self._planned_for = np.full(n_agents, -1, np.int64)

    def best_actions(
        self,
        poses: NDArray[np.integer],
        goals: NDArray[np.integer],
        bumped: NDArray[np.bool_],
        restarted: NDArray[np.bool_],
    ) -> NDArray[np.bool_]:
        """Return every action that begins a way of fewest actions, and remember what was bumped into.

        Parameters
        ----------
        poses : int[b, 3], x, y and heading
        goals : int[b, 2]; a goal may change within an episode
        bumped : bool[b], the last action was a forward into what is ahead
        restarted : bool[b], an episode begins: what was known of walls is forgotten. An agent that has never
            begun one begins with nothing known

        Returns
        -------
        bool[b, 3], forward, left, right; at least one of them

        Raises
        ------
        ArrayError : shapes that do not match, cells outside of the square, or bumps that leave an agent no
            way to its goal, which no maze has.

        Notes
        -----
        O(b) for agents that have not bumped since the last call, O(size^2) for the others. Compiled, at
        size 11, 2 us each for agents that bump at every fifth action. An agent at its goal has no better
        action than another: environments restart it before that is asked.
        """
        self._check(poses, goals, bumped, restarted)
        best = np.zeros((len(poses), N_ACTIONS), np.bool_)
        compiled(_plan, _search)(
            poses.astype(np.int64) + np.array([1, 1, 0]), goals.astype(np.int64) + 1, bumped, restarted,
            self._known, self._costs, self._planned_for, self._width, best,
        )  # fmt: skip
        if not best.any(axis=1).all():
            row = int(np.argmin(best.any(axis=1)))
            raise ArrayError(
                f"agent {row} at {poses[row, :2].tolist()} has no way to {goals[row].tolist()} around "
                "what it bumped into; tell of each new episode by `restarted`"
            )
        return best

    @property
    def known_walls(self) -> NDArray[np.bool_]:
        """What each agent has bumped into in its episode, bool[b, size, size]."""
        square = self._known.reshape(-1, self._width, self._width)[:, 1:-1, 1:-1]
        return square & (self._planned_for >= 0)[:, None, None]

    def remember(self, known_walls: NDArray[np.bool_]) -> None:
        """Know what other planners knew, each of an episode under way.

        Parameters
        ----------
        known_walls : bool[b, size, size], theirs

        Raises
        ------
        ArrayError : of another number of agents or size.
        """
        square = self._known.reshape(-1, self._width, self._width)[:, 1:-1, 1:-1]
        if known_walls.shape != square.shape:
            raise ArrayError(f"known walls are {list(known_walls.shape)}; give {list(square.shape)}")
        square[:] = known_walls
        self._planned_for[:] = 0  # a cell of the frame, which is nobody's goal: plan anew

    def _check(
        self,
        poses: NDArray[np.integer],
        goals: NDArray[np.integer],
        bumped: NDArray[np.bool_],
        restarted: NDArray[np.bool_],
    ) -> None:
        """Require what can be planned for."""
        b, size = len(self._known), self._width - 2
        shapes = poses.shape, goals.shape, bumped.shape, restarted.shape
        if shapes != ((b, 3), (b, 2), (b,), (b,)):
            raise ArrayError(f"shapes are {shapes}; give [{b}, 3], [{b}, 2], [{b}] and [{b}]")
        for cells in (poses[:, :2], goals):
            if b and not 0 <= cells.min() <= cells.max() < size:
                raise ArrayError(f"cells reach from {cells.min()} to {cells.max()}; give 0 to {size - 1}")
        if b and not 0 <= poses[:, 2].min() <= poses[:, 2].max() < N_HEADINGS:
            raise ArrayError(f"headings reach to {poses[:, 2].max()}; give 0 to {N_HEADINGS - 1}")


def planner_outcomes(
    walls: NDArray[np.bool_],
    tasks: Tasks,
    max_steps: int = MAX_STEPS,
    known_walls: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """Let the blind planner walk each task once; of equally good actions it takes forward, then left.

    Parameters
    ----------
    walls : bool[m, size, size]
    tasks : n tasks in them
    known_walls : bool[n, size, size], what is known of each task's maze before; None: nothing

    Returns
    -------
    (success bool[n], moves int32[n])

    Notes
    -----
    O(n max_steps); 4,000 tasks of size 11 take 1 s, compiled. In 100 steps .96 succeed, at size 11.

    Examples
    --------
    >>> from guyot.navigation.mazes import mazes
    >>> from guyot.navigation.tasks import tasks
    >>> walls = mazes(0, 20)
    >>> success, moves = planner_outcomes(walls, tasks(0, walls, 20))
    >>> bool(success.mean() > 0.8)
    True
    """
    n = len(tasks)
    environment, planner = (
        MazeEnvironment(walls, tasks, n, max_steps=max_steps),
        BlindPlanner(n, walls.shape[1]),
    )
    if known_walls is not None:
        planner.remember(known_walls)
    success, moves, first = np.zeros(n, np.bool_), np.zeros(n, np.int32), np.ones(n, np.bool_)
    while first.any():
        # an agent that is done walks its task again, and what it knows is still true
        forgets = environment.restarted & (known_walls is None)
        best = planner.best_actions(environment.poses, environment.goals, environment.bumped, forgets)
        step = environment.step(best.argmax(axis=1))
        ended = step.done & first
        success[ended], moves[ended] = step.success[ended], step.moves[ended]
        first &= ~step.done
    return success, moves


def _plan(
    poses: NDArray[np.int64],
    goals: NDArray[np.int64],
    bumped: NDArray[np.bool_],
    restarted: NDArray[np.bool_],
    known: NDArray[np.bool_],
    costs: NDArray[np.int16],
    planned_for: NDArray[np.int64],
    width: int,
    best: NDArray[np.bool_],
) -> None:
    """Update what is known, search where it changed, and mark the best actions; in place."""
    queue = np.empty(costs.shape[1], np.int64)
    for i in range(len(poses)):
        cell = poses[i, 1] * width + poses[i, 0]
        heading = int(poses[i, 2])
        ahead = cell + DY[heading] * width + DX[heading]
        goal = goals[i, 1] * width + goals[i, 0]
        changed = goal != planned_for[i]
        if restarted[i] or planned_for[i] < 0:
            for y in range(1, width - 1):
                known[i, y * width + 1 : (y + 1) * width - 1] = False
            changed = True
        if bumped[i]:
            changed = changed or not known[i, ahead]
            known[i, ahead] = True
        if changed:
            _search(known[i], goal, width, queue, costs[i])
            planned_for[i] = goal
        forward = costs[i, 4 * ahead + heading]
        left = costs[i, 4 * cell + (heading + 3) % 4]
        right = costs[i, 4 * cell + (heading + 1) % 4]
        least = left if 0 <= left < right or right < 0 else right
        if 0 <= forward < least or least < 0:
            least = forward
        if least >= 0:
            best[i, 0], best[i, 1], best[i, 2] = forward == least, left == least, right == least


def _search(
    known: NDArray[np.bool_], goal: int, width: int, queue: NDArray[np.int64], costs: NDArray[np.int16]
) -> None:
    """Fill the actions that each cell and heading, 4 cell + heading, is from the goal; -1 if no way leads."""
    costs[:] = -1
    for heading in range(4):
        queue[heading] = 4 * goal + heading
        costs[4 * goal + heading] = 0
    head, tail = 0, 4
    while head < tail:
        state = queue[head]
        head += 1
        cell, heading = state // 4, int(state % 4)
        behind = cell - DY[heading] * width - DX[heading]
        for way in range(3):
            if way == 0:
                before = 4 * behind + heading
                if known[behind]:
                    continue
            else:
                before = 4 * cell + (heading + 2 * way - 1) % 4
            if costs[before] < 0:
                costs[before] = costs[state] + 1
                queue[tail] = before
                tail += 1

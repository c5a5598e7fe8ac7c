"""One action of each of many agents: a loop for numba, and the same in numpy. See `environment`."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from guyot.navigation.actions import DX, DY, FORWARD, N_ACTIONS, N_HEADINGS, NO_ACTION, TURN
from guyot.navigation.compilation import compiled
from guyot.navigation.observations import CELLS_PER_UNIT, N_OBSERVED, observations

# rows of the state: where an agent is, and what it did in this episode
X, Y, HEADING, PREVIOUS, BUMPED, STEPS, MOVES, TASK = range(8)
N_STATE = 8
# columns of the table of tasks
START_X, START_Y, START_HEADING, GOAL_X, GOAL_Y = range(5)


@dataclass(frozen=True)
class Rewards:
    """What an action earns: `step`, `progress` for each cell that the geodesic shrank by, `goal` at the goal.

    Examples
    --------
    >>> Rewards(progress=0).goal
    2.0
    """

    step: float = -0.01
    progress: float = 0.1
    goal: float = 2.0


class Step(NamedTuple):
    """What an action of each of b agents led to; of an episode that it ended, the last values.

    observations : float32[b, 12]; where an episode ended, the first of the next
    rewards : float32[b]
    done : bool[b], the episode ended, at the goal or for want of steps
    success : bool[b], at the goal
    bump : bool[b], a forward into a wall
    steps, moves : int32[b], actions and forward moves of the episode, with this one
    task : int32[b], the task that the action was done in
    """

    observations: NDArray[np.float32]
    rewards: NDArray[np.float32]
    done: NDArray[np.bool_]
    success: NDArray[np.bool_]
    bump: NDArray[np.bool_]
    steps: NDArray[np.int32]
    moves: NDArray[np.int32]
    task: NDArray[np.int32]


@dataclass(frozen=True)
class World:
    """What no step changes.

    table : int32[n, 5], a row a task: start x and y, heading, goal x and y
    fields : int16[n, size, size], how far each cell is from the task's goal; -1 is wall to an agent, which
        never comes near a free cell that no way leads to
    rewards, max_steps : as of `MazeEnvironment`
    """

    table: NDArray[np.int32]
    fields: NDArray[np.int16]
    rewards: Rewards
    max_steps: int


def step_compiled(world: World, state: NDArray[np.int32], actions: NDArray[np.uint8]) -> Step:
    """Do one action of each agent, by a loop that numba compiles.

    Parameters
    ----------
    state : int32[8, b], changed in place
    actions : uint8[b], 0 to 2

    Notes
    -----
    O(b). An agent whose episode ended goes on with task + b, modulo the number of tasks.
    """
    b = state.shape[1]
    numbers = np.empty((3, b), np.int32)
    flags = np.empty((3, b), np.bool_)
    rewards, seen = np.empty(b, np.float32), np.empty((b, N_OBSERVED), np.float32)
    earned = world.rewards
    compiled(_step_loop, _sense)(
        world.table, world.fields, state, actions,
        float(earned.step), float(earned.progress), float(earned.goal), world.max_steps,
        seen, rewards, flags, numbers,
    )  # fmt: skip
    return Step(seen, rewards, flags[0], flags[1], flags[2], numbers[0], numbers[1], numbers[2])


def _step_loop(
    table: NDArray[np.int32],
    fields: NDArray[np.int16],
    state: NDArray[np.int32],
    actions: NDArray[np.uint8],
    step_reward: float,
    progress_reward: float,
    goal_reward: float,
    max_steps: int,
    seen: NDArray[np.float32],
    rewards: NDArray[np.float32],
    flags: NDArray[np.bool_],
    numbers: NDArray[np.int32],
) -> None:
    """Do one action of each agent, in place."""
    b = len(actions)
    for i in range(b):
        task, x, y, heading = state[TASK, i], int(state[X, i]), int(state[Y, i]), int(state[HEADING, i])
        action, before = int(actions[i]), fields[task, y, x]
        heading = (heading + TURN[action]) % 4
        ahead = int(action == FORWARD)
        to_x, to_y = x + ahead * DX[heading], y + ahead * DY[heading]
        after = fields[task, to_y, to_x]
        bump = after < 0
        if bump:
            after = before
        else:
            x, y = to_x, to_y
        steps, moves = state[STEPS, i] + 1, state[MOVES, i] + ahead - int(bump)
        success = after == 0
        reward = step_reward + progress_reward * (before - after)
        if success:
            reward += goal_reward
        done = success or steps >= max_steps
        rewards[i] = reward
        flags[0, i], flags[1, i], flags[2, i] = done, success, bump
        numbers[0, i], numbers[1, i], numbers[2, i] = steps, moves, task
        previous = action
        if done:
            task = (task + b) % len(table)
            x, y, heading = table[task, START_X], table[task, START_Y], table[task, START_HEADING]
            previous, steps, moves, bump = NO_ACTION, 0, 0, False
        state[TASK, i], state[X, i], state[Y, i], state[HEADING, i] = task, x, y, heading
        state[PREVIOUS, i], state[BUMPED, i] = previous, bump
        state[STEPS, i], state[MOVES, i] = steps, moves
        _sense(table[task], x, y, heading, previous, seen[i])


def _sense(
    task: NDArray[np.int32], x: int, y: int, heading: int, previous: int, seen: NDArray[np.float32]
) -> None:
    """Write an observation, as `observations` does."""
    unit = np.float32(CELLS_PER_UNIT)
    seen[0] = np.float32(task[GOAL_X] - task[START_X]) / unit
    seen[1] = np.float32(task[GOAL_Y] - task[START_Y]) / unit
    seen[2] = np.float32(x - task[START_X]) / unit
    seen[3] = np.float32(y - task[START_Y]) / unit
    for i in range(N_HEADINGS):
        seen[4 + i] = np.float32(heading == i)
    for i in range(N_ACTIONS + 1):
        seen[8 + i] = np.float32(previous == i)


def step_in_numpy(world: World, state: NDArray[np.int32], actions: NDArray[np.uint8]) -> Step:
    """Do one action of each agent, in numpy: what `step_compiled` does, to the same bytes.

    Parameters
    ----------
    state : int32[8, b], changed in place
    actions : uint8[b], 0 to 2

    Notes
    -----
    O(b), in some 60 passes over the agents.
    """
    x, y, heading, task = state[X], state[Y], state[HEADING], state[TASK].copy()
    forward = actions == FORWARD
    to_x, to_y = x + np.array(DX)[heading], y + np.array(DY)[heading]
    before, after = world.fields[task, y, x].astype(np.int64), world.fields[task, to_y, to_x]
    bump = forward & (after < 0)
    moved = forward & ~bump
    reward = world.rewards.step + np.where(moved, world.rewards.progress * (before - after), 0.0)
    x[moved], y[moved] = to_x[moved], to_y[moved]
    heading[:] = (heading + np.array(TURN)[actions]) % N_HEADINGS
    state[STEPS] += 1
    state[MOVES] += moved
    state[PREVIOUS], state[BUMPED] = actions, bump
    success = (x == world.table[task, GOAL_X]) & (y == world.table[task, GOAL_Y])
    reward[success] += world.rewards.goal
    done = success | (state[STEPS] >= world.max_steps)
    steps, moves = state[STEPS].copy(), state[MOVES].copy()
    restart(world, state, done, (task + len(actions)) % len(world.table))
    return Step(sense(world, state), reward.astype(np.float32), done, success, bump, steps, moves, task)


def restart(
    world: World, state: NDArray[np.int32], which: NDArray[np.bool_], task: NDArray[np.integer]
) -> None:
    """Put agents at the start of tasks, in place.

    Parameters
    ----------
    state : int32[8, b]
    which : bool[b], the agents that are put
    task : int[b], where each would be put
    """
    rows = world.table[task]
    for field, column in ((X, START_X), (Y, START_Y), (HEADING, START_HEADING)):
        state[field] = np.where(which, rows[:, column], state[field])
    state[TASK] = np.where(which, task, state[TASK])
    state[PREVIOUS] = np.where(which, NO_ACTION, state[PREVIOUS])
    for field in (BUMPED, STEPS, MOVES):
        state[field] = np.where(which, 0, state[field])


def sense(world: World, state: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return what each agent senses now, float32[b, 12].

    Parameters
    ----------
    state : int32[8, b]
    """
    tasks = world.table[state[TASK]]
    poses = state[[X, Y, HEADING]].T
    return observations(poses, tasks[:, [START_X, START_Y]], tasks[:, [GOAL_X, GOAL_Y]], state[PREVIOUS])

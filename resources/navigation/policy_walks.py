"""Walks that policies make: each task once, whole blocks of tasks side by side."""

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError, SettingError
from guyot.navigation.environment import MAX_STEPS, MazeEnvironment
from guyot.navigation.tasks import Tasks
from guyot.navigation.walks import Walk
from guyot.seeds import generator
from resources.models.reproducibility import deterministic
from resources.navigation.policies import Policy
from resources.navigation.policy_settings import N_UNITS

_THREADS = 1
_ROWS = 256  # of each product: a walk does not depend on how many there are


def walk_tasks(
    policy: Policy,
    walls: NDArray[np.bool_],
    tasks: Tasks,
    seed: int,
    max_steps: int = MAX_STEPS,
    *,
    initial: NDArray[np.float32] | None = None,
    n_observations: int | None = None,
) -> list[Walk]:
    """Let a policy walk tasks, each once, sampling its actions.

    Parameters
    ----------
    walls : bool[m, size, size], the mazes that the tasks were drawn for
    tasks : n of them
    seed : of the actions; the same one gives the same walks, the first n of more tasks the same
    max_steps : actions of a walk at most
    initial : float32[n, 128], what the memory holds before each walk; None: nothing
    n_observations : of the last ones, from which the memory is made anew before each action; None: of all

    Returns
    -------
    Walk of each task

    Raises
    ------
    ArrayError : memories of another number or width.
    SettingError : fewer than 1 observation, or memories that are given and made anew at once.

    Notes
    -----
    Some 40,000 actions a second on one core, without a memory 200,000, and as many times fewer as there are
    `n_observations`; 256 tasks at a time, until the last of them has ended.
    """
    _check_memory(len(tasks), initial, n_observations)
    walks: list[Walk] = []
    for begin in range(0, len(tasks), _ROWS):
        rows = begin + np.arange(_ROWS) % min(_ROWS, len(tasks) - begin)  # a block of fewer is filled up
        before = None if initial is None else np.ascontiguousarray(initial[rows], np.float32)
        draws = generator(seed, "walks", begin).random((max_steps, _ROWS), np.float32)
        block = tasks.take(rows)
        with deterministic(_THREADS):  # an action that is drawn otherwise changes all that follow
            walked = _walk_block(policy, walls, block, draws, before, n_observations)
        walks += walked[: len(tasks) - begin]
    return walks


def _walk_block(
    policy: Policy,
    walls: NDArray[np.bool_],
    tasks: Tasks,
    draws: NDArray[np.float32],
    initial: NDArray[np.float32] | None,
    n_observations: int | None,
) -> list[Walk]:
    """Walk tasks side by side."""
    from resources.navigation.walking import walk_once

    environment = MazeEnvironment(walls, tasks, len(tasks), max_steps=len(draws))
    actions, bumps, lengths = walk_once(policy.network, environment, draws, initial, n_observations)
    return [
        Walk(
            walls[tasks.maze[i]],
            (int(tasks.start[i, 0]), int(tasks.start[i, 1])),
            int(tasks.heading[i]),
            (int(tasks.goal[i, 0]), int(tasks.goal[i, 1])),
            actions[:length, i].copy(),
            bumps[:length, i].copy(),
        )
        for i, length in enumerate(lengths)
    ]


def _check_memory(n: int, initial: NDArray[np.float32] | None, n_observations: int | None) -> None:
    """Require a memory that can be."""
    if n_observations is not None and (n_observations < 1 or initial is not None):
        raise SettingError(
            f"a memory of {n_observations} observations {'and a given one ' if initial is not None else ''}"
            "was asked for; give at least 1, and no memories"
        )
    if initial is not None and initial.shape != (n, N_UNITS):
        raise ArrayError(f"memories are {list(initial.shape)} for {n} tasks; give [{n}, {N_UNITS}]")

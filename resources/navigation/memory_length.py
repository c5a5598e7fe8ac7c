"""Memory length: how far an agent gets that remembers its last few observations alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from guyot.navigation.tasks import Tasks
from resources.navigation.episodes import reached
from resources.navigation.policies import Policy
from resources.navigation.policy_walks import walk_tasks

OBSERVATIONS = (1, 2, 8, 32)


def success_by_memory(
    policy: Policy,
    walls: NDArray[np.bool_],
    tasks: Tasks,
    seed: int,
    observations: Sequence[int] = OBSERVATIONS,
) -> dict[int, NDArray[np.bool_]]:
    """Let a policy walk tasks several times, with its memory cut short and with all of it.

    Parameters
    ----------
    walls : bool[m, size, size], the mazes that the tasks were drawn for
    tasks : n of them
    seed : of the actions
    observations : the last ones that the memory is made anew from before each action

    Returns
    -------
    By observations, and 0 for all: whether each task's goal was reached, bool[n]

    Notes
    -----
    As many times the cost of `walk_tasks` as the observations together.
    """
    return {
        n: np.array(
            [reached(walk) for walk in walk_tasks(policy, walls, tasks, seed, n_observations=n or None)], bool
        )
        for n in (*observations, 0)
    }

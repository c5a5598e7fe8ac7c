"""Decoded maps: the walls that a probe reads from an agent's memory, at moments over a walk."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.audit.maps.occupancy import UPDATES, answers_of
from guyot.audit.maps.windows import windows
from guyot.navigation.walks import Walk
from resources.models.reproducibility import deterministic
from resources.navigation.policies import Policy, states
from resources.navigation.read_moments import ReadMoments

MOMENTS = 8  # of each walk
_THREADS = 1


@dataclass(frozen=True)
class DecodedMap:
    """What is read at one moment of a walk.

    moment : after how many of its actions
    is_near : bool[49], the cells that the agent can know, as `guyot.audit.maps.windows` has them
    wall_probability : float32[49], of the cells around the agent, north up, row by row
    """

    walk: Walk
    moment: int
    is_near: NDArray[np.bool_]
    wall_probability: NDArray[np.float32]


def decoded_maps(
    policy: Policy,
    learnt: ReadMoments,
    shown: Sequence[Walk],
    seed: int,
    updates: int = UPDATES,
) -> list[DecodedMap]:
    """Fit a probe of the near cells at some moments, and read walks from beginning to end.

    Parameters
    ----------
    learnt : moments of walks of the policy
    shown : walks in other mazes
    seed : of the probe

    Returns
    -------
    Of each walk that is shown up to eight moments, evenly from its first action to its last; none where the
    moments have nothing to learn from

    Notes
    -----
    On one thread; 940 updates take some five core-seconds.
    """
    asked = [(row, at) for row, walk in enumerate(shown) for at in _moments(len(walk.actions))]
    if not asked:
        return []
    now = np.array(asked, np.int64)
    around, held = windows(shown, *now.T), states(policy, shown)
    with deterministic(_THREADS):
        now_held = np.array([held[row][at] for row, at in asked])
        seen = learnt.seen
        answers = answers_of(learnt.features, seen.is_wall, seen.near, now_held, seed=seed, updates=updates)
    if answers is None:
        return []
    return [
        DecodedMap(shown[row], at, near, (0.5 + np.tanh(odds / 2) / 2).astype(np.float32))
        for (row, at), near, odds in zip(asked, around.near, answers, strict=True)
    ]


def _moments(n_actions: int) -> list[int]:
    """Spread moments over a walk."""
    return np.unique(np.linspace(1, n_actions, MOMENTS).round()).astype(int).tolist() if n_actions else []

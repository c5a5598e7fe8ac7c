"""Decoded maps: the walls that a probe reads from an agent's memory, at moments over a walk."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.audit.maps.moments import draw_moments
from guyot.audit.maps.occupancy import UPDATES, answers_of
from guyot.audit.maps.windows import windows
from guyot.navigation.walks import Walk
from resources.models.reproducibility import deterministic
from resources.navigation.policies import Policy, states

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
    policy: Policy, train: Sequence[Walk], shown: Sequence[Walk], seed: int, updates: int = UPDATES
) -> list[DecodedMap]:
    """Fit a probe of the near cells on some walks of a policy, and read others from beginning to end.

    Parameters
    ----------
    train, shown : in mazes that are not shared
    seed : of moments and the probe

    Returns
    -------
    Of each walk that is shown up to eight moments, evenly from its first action to its last; none where the
    training walks have nothing to learn from

    Notes
    -----
    On one thread; 2,000 walks take some ten core-seconds, most of it the probe.
    """
    of_walk, moment = draw_moments(train, seed)
    memory = states(policy, train)
    features = [memory[row][at] for row, at in zip(of_walk.tolist(), moment.tolist(), strict=True)]
    asked = [(row, at) for row, walk in enumerate(shown) for at in _moments(len(walk.actions))]
    if not features or not asked:
        return []
    seen, now = windows(train, of_walk, moment), np.array(asked, np.int64)
    around, held = windows(shown, *now.T), states(policy, shown)
    with deterministic(_THREADS):
        answers = answers_of(
            np.array(features), seen.is_wall, seen.near, np.array([held[row][at] for row, at in asked]),
            seed=seed, updates=updates,
        )  # fmt: skip
    if answers is None:
        return []
    return [
        DecodedMap(shown[row], at, near, (1 / (1 + np.exp(-odds))).astype(np.float32))
        for (row, at), near, odds in zip(asked, around.near, answers, strict=True)
    ]


def _moments(n_actions: int) -> list[int]:
    """Spread moments over a walk."""
    return np.unique(np.linspace(1, n_actions, MOMENTS).round()).astype(int).tolist() if n_actions else []

"""Moments of walks: what a policy's memory holds there, and what there is around."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.audit.maps.moments import draw_moments
from guyot.audit.maps.windows import Windows, windows
from guyot.navigation.walks import Walk
from resources.navigation.policies import Policy, states
from resources.navigation.policy_settings import N_UNITS

_WALKS_AT_ONCE = 256  # of all states only those of moments are kept


@dataclass(frozen=True)
class ReadMoments:
    """Some moments of walks.

    features : float32[m, 128], what the memory holds
    seen : the windows there
    of_walk : int64[m], which walk
    """

    features: NDArray[np.float32]
    seen: Windows
    of_walk: NDArray[np.int64]

    def of(self, chosen: NDArray[np.bool_]) -> "ReadMoments":
        """Return the moments of some walks.

        Parameters
        ----------
        chosen : bool[n walks]
        """
        rows, seen = chosen[self.of_walk], self.seen
        cut = Windows(seen.is_wall[rows], seen.explored[rows], seen.old[rows], seen.near[rows])
        return ReadMoments(self.features[rows], cut, self.of_walk[rows])


def read_moments(policy: Policy, walks: Sequence[Walk], seed: int) -> ReadMoments:
    """Lead a policy along walks, and look at moments that a seed draws.

    Parameters
    ----------
    walks : whoever made them

    Returns
    -------
    Up to eight moments of each walk, from its eighth action on, in the order of the walks

    Notes
    -----
    As `states`; all states of 256 walks are held at a time.
    """
    of_walk, moment = draw_moments(walks, seed)
    features = np.empty((len(of_walk), N_UNITS), np.float32)
    for begin in range(0, len(walks), _WALKS_AT_ONCE):
        memory = states(policy, walks[begin : begin + _WALKS_AT_ONCE])
        own = np.flatnonzero(of_walk // _WALKS_AT_ONCE == begin // _WALKS_AT_ONCE)
        for row in own.tolist():
            features[row] = memory[of_walk[row] - begin][moment[row]]
    return ReadMoments(features, windows(walks, of_walk, moment), of_walk)

"""How well tasks were walked, from the walks themselves."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.navigation.actions import FORWARD
from guyot.navigation.scores import spl
from guyot.navigation.walks import Walk, poses


class WalkScores(NamedTuple):
    """How well walks reached their goals.

    n : walks
    success : the share that reached it; spl : mean success weighted by path length
    actions : mean of all walks, turns and bumps among them

    Examples
    --------
    >>> WalkScores(2, success=0.5, spl=0.4, actions=61.5).success
    0.5
    """

    n: int
    success: float
    spl: float
    actions: float


def walk_scores(walks: Sequence[Walk], geodesic: NDArray[np.integer]) -> WalkScores:
    r"""Score walks of tasks.

    Parameters
    ----------
    walks : n of them, at least 1
    geodesic : int[n], moves of each one's shortest way, such as `Tasks.geodesic`

    Raises
    ------
    ArrayError : no walk, or another number of geodesics, or one below 1.

    Notes
    -----
    O(actions). Turns and bumps are no moves, see `spl`.

    Examples
    --------
    >>> from guyot.navigation.walks import parse_walk
    >>> walk = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 S goal 3,1\nBLFF")
    >>> walk_scores([walk], np.array([2]))
    WalkScores(n=1, success=1.0, spl=1.0, actions=4.0)
    """
    if not walks:
        raise ArrayError("0 walks have no scores; give at least 1")
    success = np.array([bool((poses(walk)[-1, :2] == walk.goal).all()) for walk in walks])
    moves = np.array([int(((walk.actions == FORWARD) & ~walk.bumps).sum()) for walk in walks])
    n_actions = np.array([len(walk.actions) for walk in walks])
    found = spl(success, moves, geodesic)
    return WalkScores(len(walks), float(success.mean()), float(found.mean()), float(n_actions.mean()))

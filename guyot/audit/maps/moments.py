"""Moments of walks at which an agent's memory is read."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from guyot.navigation.walks import Walk
from guyot.seeds import generator

MOMENTS_OF_WALK, FIRST_MOMENT = 8, 8


def draw_moments(
    walks: Sequence[Walk], seed: int, per_walk: int = MOMENTS_OF_WALK, first: int = FIRST_MOMENT
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    r"""Draw moments of each walk, evenly and without repeats.

    Parameters
    ----------
    seed : of the draw, by a walk's place
    per_walk : moments of a walk at most; a walk that is too short has fewer, or none
    first : no moment is before so many actions

    Returns
    -------
    of_walk, moment : int64[m], in order

    Examples
    --------
    >>> from guyot.navigation.walks import parse_walk
    >>> walk = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 S goal 3,1\nBLFF")
    >>> [part.tolist() for part in draw_moments([walk], 0, first=3)]
    [[0, 0], [3, 4]]
    """
    of_walk: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    moments: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for number, walk in enumerate(walks):
        n = len(walk.actions) + 1 - first
        if n > 0:
            drawn = generator(seed, "moments", number).permutation(n)[:per_walk]
            moments.append(np.sort(drawn) + first)
            of_walk.append(np.full(len(drawn), number, np.int64))
    return np.concatenate(of_walk), np.concatenate(moments)

"""From small mazes with near goals to the real ones: what learning from reward alone begins with."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from guyot.navigation.mazes import mazes
from guyot.navigation.tasks import Tasks, tasks

MIN_SUCCESS = 0.8  # of the episodes that ended in a rollout: the next level begins
N_SMALL_MAZES = 2_000


class Level(NamedTuple):
    """Tasks of one difficulty.

    size : of the mazes
    min_geodesic, max_geodesic : of the tasks
    """

    size: int
    min_geodesic: int
    max_geodesic: int


def levels(size: int) -> list[Level]:
    """Return the levels up to mazes of a size: in each smaller size and this one, goals that draw away.

    Examples
    --------
    >>> [level.max_geodesic for level in levels(11)], levels(11)[-1]
    ([3, 6, 12, 6, 12, 20, 8, 14, 20, 30], Level(size=11, min_geodesic=6, max_geodesic=30))
    """
    smaller = [level for level in _SMALL if level.size < size]
    return [*smaller, *(Level(size, *geodesics) for geodesics in _RANGES)]


_SMALL = [
    Level(7, 1, 3), Level(7, 2, 6), Level(7, 4, 12),
    Level(9, 2, 6), Level(9, 4, 12), Level(9, 6, 20),
]  # fmt: skip
_RANGES = [(2, 8), (4, 14), (6, 20), (6, 30)]


def is_over(level: int, n_levels: int, done: float) -> bool:
    """Return whether a level has had its share: all but the last have, together, half of a training.

    Parameters
    ----------
    level : 0 to n_levels - 1
    done : of the training, 0 to 1

    Examples
    --------
    >>> [is_over(level, 4, 0.25) for level in range(4)]
    [True, True, False, False]
    """
    return done >= (level + 1) / (2 * n_levels)


def level_tasks(level: Level, walls: NDArray[np.bool_], n: int, seed: int) -> tuple[NDArray[np.bool_], Tasks]:
    """Draw the tasks of a level.

    Parameters
    ----------
    walls : bool[m, size, size], the training mazes: those of the level if it is of their size
    n : tasks
    seed : of smaller mazes, which are drawn, and of the tasks

    Returns
    -------
    (walls, of the level's size; tasks in them)
    """
    if level.size != walls.shape[1]:
        walls = mazes(seed, N_SMALL_MAZES, level.size)
    label = f"training {level.size} {level.min_geodesic} {level.max_geodesic}"
    drawn = tasks(
        seed, walls, n, min_geodesic=level.min_geodesic, max_geodesic=level.max_geodesic, stream=label
    )
    return walls, drawn

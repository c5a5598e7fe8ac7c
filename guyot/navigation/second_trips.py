"""Second trips: an agent that reached its goal goes there again, or back; and what it has met."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError, SettingError
from guyot.navigation.tasks import Tasks
from guyot.navigation.walks import Walk, ahead, poses

AGAIN, BACK = "again", "back"
WAYS = (AGAIN, BACK)


def second_trips(walks: Sequence[Walk], tasks: Tasks, way: str) -> Tasks:
    """Return the task of the trip that follows on each walk.

    Parameters
    ----------
    walks : n walks that reached their goals
    tasks : n, those that were walked
    way : "again", from the start to the goal once more; "back", from the goal to the start, with the heading
        that the walk ended with

    Returns
    -------
    Tasks of n rows; ways there and back are as long

    Raises
    ------
    SettingError : a way that there is not.
    ArrayError : another number of walks than tasks, or a walk that did not reach its goal.

    Notes
    -----
    Wijmans et al. 2023 (arXiv:2301.13261), section 3: an agent's last state is put into another agent, which
    makes either trip. O(actions).
    """
    if way not in WAYS:
        raise SettingError(f"way {way!r} was asked for; choose from {', '.join(WAYS)}")
    if len(walks) != len(tasks):
        raise ArrayError(f"{len(walks)} walks were given for {len(tasks)} tasks; give one of each")
    last = np.array([poses(walk)[-1] for walk in walks], np.int16).reshape(-1, 3)
    short = np.flatnonzero((last[:, :2] != tasks.goal).any(axis=1))
    if len(short):
        raise ArrayError(f"walk {short[0]} ends elsewhere than at its goal; leave out walks that failed")
    if way == AGAIN:
        return tasks
    return Tasks(tasks.maze, tasks.goal, last[:, 2].astype(np.int8), tasks.start, tasks.geodesic)


def bumped_walls(walks: Sequence[Walk]) -> NDArray[np.bool_]:
    r"""Return the walls that each walk bumped into, bool[n, size, size].

    Parameters
    ----------
    walks : in mazes of one size

    Examples
    --------
    >>> from guyot.navigation.walks import parse_walk
    >>> walk = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 S goal 3,1\nBLFF")
    >>> np.argwhere(bumped_walls([walk])[0]).tolist()  # row and column
    [[2, 1]]
    """
    return _marked(walks, lambda walk: ahead(poses(walk)[:-1][walk.bumps]))


def walked_cells(walks: Sequence[Walk]) -> NDArray[np.bool_]:
    r"""Return the cells that each walk stood on, bool[n, size, size].

    Parameters
    ----------
    walks : in mazes of one size

    Examples
    --------
    >>> from guyot.navigation.walks import parse_walk
    >>> walk = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 S goal 3,1\nBLFF")
    >>> np.argwhere(walked_cells([walk])[0]).tolist()  # row and column
    [[1, 1], [1, 2], [1, 3]]
    """
    return _marked(walks, poses)


def _marked(walks: Sequence[Walk], cells: Callable[[Walk], NDArray[np.int16]]) -> NDArray[np.bool_]:
    """Mark cells of each walk's maze, given by their columns and rows."""
    size = len(walks[0].walls) if walks else 0
    found = np.zeros((len(walks), size, size), np.bool_)
    for number, walk in enumerate(walks):
        at = cells(walk)
        found[number, at[:, 1], at[:, 0]] = True
    return found

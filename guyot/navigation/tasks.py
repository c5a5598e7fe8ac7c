"""Tasks: from where to where in which maze."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.navigation.actions import N_HEADINGS
from guyot.navigation.geodesics import geodesics
from guyot.navigation.mazes import check_mazes
from guyot.seeds import generator

_BLOCK_TASKS = 1 << 15
_MIN_ACCEPTED = 1e-4  # a range of lengths that fewer pairs of cells have is taken for one that none has


@dataclass(frozen=True)
class Tasks:
    """Tasks, a row each.

    maze : int32[n], which of the mazes that they were drawn for
    start : int16[n, 2], x and y
    heading : int8[n], 0 north, 1 east, 2 south, 3 west
    goal : int16[n, 2], x and y
    geodesic : int32[n], moves of the shortest way

    Examples
    --------
    >>> from guyot.navigation.mazes import mazes
    >>> drawn = tasks(0, mazes(0, 5), 9)
    >>> len(drawn), len(drawn.take(np.array([3, 3])))
    (9, 2)
    """

    maze: NDArray[np.int32]
    start: NDArray[np.int16]
    heading: NDArray[np.int8]
    goal: NDArray[np.int16]
    geodesic: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.maze)

    def take(self, rows: NDArray[np.integer]) -> "Tasks":
        """Return some of the tasks, in the order of the rows; a row may recur.

        Parameters
        ----------
        rows : int[k], 0 to n - 1

        Examples
        --------
        >>> from guyot.navigation.mazes import mazes
        >>> drawn = tasks(0, mazes(0, 5), 9)
        >>> bool((drawn.take(np.array([2])).goal[0] == drawn.goal[2]).all())
        True
        """
        return Tasks(
            self.maze[rows], self.start[rows], self.heading[rows], self.goal[rows], self.geodesic[rows]
        )


def tasks(
    seed: int,
    walls: NDArray[np.bool_],
    n: int,
    *,
    min_geodesic: int = 6,
    max_geodesic: int = 30,
    stream: str = "",
) -> Tasks:
    """Draw tasks: a maze, two of its free cells whose geodesic is in a range, and a heading, all uniform.

    Parameters
    ----------
    seed, stream : which tasks; another stream of the same seed gives others
    walls : bool[m, size, size], borders closed
    n : how many; the first n of a larger n are the same
    min_geodesic, max_geodesic : moves of the shortest way, both inclusive

    Returns
    -------
    Tasks of n rows

    Raises
    ------
    ArrayError : walls that are no mazes.
    SettingError : a range that is empty, or that no more than one in 10,000 pairs of cells has.

    Notes
    -----
    O(n size^2), by rejection: every pair in the range is as likely. Of size 11, about 72% of pairs are in
    6 to 30; 100,000 tasks take 0.3 s, compiled.

    Examples
    --------
    >>> from guyot.navigation.mazes import mazes
    >>> drawn = tasks(0, mazes(0, 5), 100, min_geodesic=8, max_geodesic=12)
    >>> int(drawn.geodesic.min()), int(drawn.geodesic.max())
    (8, 12)
    """
    check_mazes(walls)
    if n < 0 or min_geodesic < 1 or max_geodesic < min_geodesic:
        raise SettingError(
            f"{n} tasks of geodesic {min_geodesic} to {max_geodesic} were asked for; give n at least 0 and a "
            "range from at least 1"
        )
    of_maze, y, x = np.nonzero(~walls)
    counts = np.bincount(of_maze, minlength=len(walls))
    if not counts.all():
        raise SettingError(f"maze {int(np.argmin(counts))} has no free cell; leave it out")
    begins, cells = np.cumsum(counts) - counts, np.stack([x, y], axis=1)
    drawn = generator(seed, "tasks", stream)
    found = [_none()]
    missing, n_tried = n, 0
    while missing:
        n_drawn = min(_BLOCK_TASKS, 2 * missing + 16)
        tried = _draw(drawn.random((n_drawn, 4)), walls, begins, counts, cells)
        fits = np.flatnonzero((min_geodesic <= tried.geodesic) & (tried.geodesic <= max_geodesic))
        found.append(tried.take(fits[:missing]))
        missing -= len(found[-1])
        n_tried += n_drawn
        if n_tried > _BLOCK_TASKS and n - missing < _MIN_ACCEPTED * n_tried:
            raise SettingError(
                f"{n - missing} of {n_tried} pairs of cells have a geodesic of {min_geodesic} to "
                f"{max_geodesic}; give a range that the mazes have"
            )
    return _joined(found)


def _draw(
    drawn: NDArray[np.float64],
    walls: NDArray[np.bool_],
    begins: NDArray[np.int64],
    counts: NDArray[np.int64],
    cells: NDArray[np.int64],
) -> Tasks:
    """Make a task of each four numbers, whatever its geodesic."""
    maze = (drawn[:, 0] * len(walls)).astype(np.int32)
    start, goal = (
        cells[begins[maze] + (drawn[:, i] * counts[maze]).astype(np.int64)].astype(np.int16) for i in (1, 2)
    )
    heading = (drawn[:, 3] * N_HEADINGS).astype(np.int8)
    return Tasks(maze, start, heading, goal, geodesics(walls, maze, start, goal))


def _none() -> Tasks:
    """Return no tasks."""
    cells = np.empty((0, 2), np.int16)
    return Tasks(np.empty(0, np.int32), cells, np.empty(0, np.int8), cells, np.empty(0, np.int32))


def _joined(parts: list[Tasks]) -> Tasks:
    """Put tasks one after another."""
    return Tasks(
        np.concatenate([part.maze for part in parts]),
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.heading for part in parts]),
        np.concatenate([part.goal for part in parts]),
        np.concatenate([part.geodesic for part in parts]),
    )

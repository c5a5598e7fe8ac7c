"""Lengths of shortest ways in mazes, in cells: breadth-first search from each goal."""

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.navigation.actions import DX, DY
from guyot.navigation.compilation import compiled
from guyot.navigation.mazes import check_mazes

UNREACHABLE = -1


def distance_fields(
    walls: NDArray[np.bool_], maze: NDArray[np.integer], cells: NDArray[np.integer]
) -> NDArray[np.int16]:
    """Measure how far every cell of a maze is from one cell, once for each row of `maze` and `cells`.

    Parameters
    ----------
    walls : bool[m, size, size], borders closed
    maze : int[n], which maze, 0 to m - 1
    cells : int[n, 2], x and y of a free cell of it

    Returns
    -------
    int16[n, size, size], by y and x: moves along the shortest way; -1 at walls and where no way leads

    Raises
    ------
    ArrayError : shapes that do not match, mazes or cells that there are not, a cell that is wall.

    Notes
    -----
    O(n size^2); compiled, 100,000 fields of size 11 take 0.1 s.

    Examples
    --------
    >>> walls = np.ones((1, 3, 5), bool)[:, [0, 1, 1, 1, 2]]
    >>> walls[0, 1, 1:4] = walls[0, 2, 1] = False
    >>> distance_fields(walls, np.array([0]), np.array([[3, 1]]))[0, 1:3].tolist()
    [[-1, 2, 1, 0, -1], [-1, 3, -1, -1, -1]]
    """
    check_mazes(walls)
    check_cells(walls, maze, cells)
    fields = np.full((len(maze), *walls.shape[1:]), UNREACHABLE, np.int16)
    compiled(_flood)(walls, maze.astype(np.int64), cells.astype(np.int64), fields)
    return fields


def geodesics(
    walls: NDArray[np.bool_],
    maze: NDArray[np.integer],
    starts: NDArray[np.integer],
    goals: NDArray[np.integer],
) -> NDArray[np.int32]:
    """Return the moves of the shortest way from each start to its goal.

    Parameters
    ----------
    walls : bool[m, size, size], borders closed
    maze : int[n], which maze
    starts, goals : int[n, 2], x and y of free cells

    Returns
    -------
    int32[n], -1 where no way leads

    Raises
    ------
    ArrayError : as `distance_fields`.

    Examples
    --------
    >>> walls = np.ones((1, 5, 5), bool)
    >>> walls[0, 1, 1:4] = False
    >>> geodesics(walls, np.array([0]), np.array([[1, 1]]), np.array([[3, 1]])).tolist()
    [2]
    """
    check_mazes(walls)
    check_cells(walls, maze, starts)
    fields = distance_fields(walls, maze, goals)
    return fields[np.arange(len(maze)), starts[:, 1], starts[:, 0]].astype(np.int32)


def check_cells(walls: NDArray[np.bool_], maze: NDArray[np.integer], cells: NDArray[np.integer]) -> None:
    """Require rows of mazes that there are, and cells in them that are free.

    Parameters
    ----------
    walls : bool[m, size, size]
    maze : int[n]
    cells : int[n, 2], x and y

    Raises
    ------
    ArrayError : they are not.

    Examples
    --------
    >>> check_cells(np.zeros((1, 3, 3), bool), np.array([0]), np.array([[1, 1]]))
    """
    if maze.ndim != 1 or cells.shape != (len(maze), 2):
        raise ArrayError(f"maze is {maze.shape} and cells are {cells.shape}; give [n] and [n, 2]")
    if not len(maze):
        return
    if maze.min() < 0 or maze.max() >= len(walls):
        raise ArrayError(f"mazes {maze.min()} to {maze.max()} were asked for; there are {len(walls)}")
    if cells.min() < 0 or cells.max() >= walls.shape[1]:
        raise ArrayError(
            f"cells reach from {cells.min()} to {cells.max()}; give 0 to {walls.shape[1] - 1} in x and y"
        )
    blocked = walls[maze, cells[:, 1], cells[:, 0]]
    if blocked.any():
        row = int(np.argmax(blocked))
        raise ArrayError(
            f"row {row}: cell {cells[row].tolist()} is wall in maze {maze[row]}; give a free one"
        )


def _flood(
    walls: NDArray[np.bool_], maze: NDArray[np.int64], cells: NDArray[np.int64], fields: NDArray[np.int16]
) -> None:
    """Fill fields of -1 with distances, in place."""
    size = walls.shape[1]
    queue = np.empty((size * size, 2), np.int64)
    for i in range(len(maze)):
        queue[0, 0], queue[0, 1] = cells[i, 0], cells[i, 1]
        fields[i, cells[i, 1], cells[i, 0]] = 0
        head, tail = 0, 1
        while head < tail:
            x, y = queue[head, 0], queue[head, 1]
            head += 1
            for heading in range(4):
                to_x, to_y = x + DX[heading], y + DY[heading]
                if not walls[maze[i], to_y, to_x] and fields[i, to_y, to_x] < 0:
                    fields[i, to_y, to_x] = fields[i, y, x] + 1
                    queue[tail, 0], queue[tail, 1] = to_x, to_y
                    tail += 1

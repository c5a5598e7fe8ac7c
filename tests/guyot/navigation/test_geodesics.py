"""Breadth-first search against a hand-drawn maze and against relaxation until nothing changes."""

import numpy as np
import pytest

from guyot.errors import ArrayError
from guyot.navigation.geodesics import check_cells, distance_fields, geodesics
from guyot.navigation.mazes import mazes
from guyot.seeds import generator

DRAWN = (
    np.array([[list("#######"), list("#   # #"), list("# # # #"), list("# #   #"), list("#######")]]) == "#"
)
MAZE = np.ones((1, 7, 7), bool)
MAZE[0, 1:6] = DRAWN[0]


def relaxed(walls, x, y):
    """Lower distances cell by cell until none can be lowered."""
    field = np.full(walls.shape, 10_000)
    field[y, x] = 0
    before = None
    while before is None or (before != field).any():
        before = field.copy()
        for row in range(1, len(walls) - 1):
            for column in range(1, len(walls) - 1):
                if not walls[row, column]:
                    around = field[[row - 1, row + 1, row, row], [column, column, column - 1, column + 1]]
                    field[row, column] = min(field[row, column], around.min() + 1)
    return np.where(field == 10_000, -1, field)


def test_distances_of_a_maze_drawn_by_hand():
    field = distance_fields(MAZE, np.array([0]), np.array([[1, 2]]))
    assert field.dtype == np.int16
    assert field[0].tolist() == [
        [-1, -1, -1, -1, -1, -1, -1],
        [-1, -1, -1, -1, -1, -1, -1],
        [-1, 0, 1, 2, -1, 8, -1],
        [-1, 1, -1, 3, -1, 7, -1],
        [-1, 2, -1, 4, 5, 6, -1],
        [-1, -1, -1, -1, -1, -1, -1],
        [-1, -1, -1, -1, -1, -1, -1],
    ]


def test_search_agrees_with_relaxation():
    walls = mazes(0, 8, 13, 0.3)
    noise = generator(0, "noise").random((8, 13, 13)) < 0.3  # parts that no way leads to
    walls[:, 1:-1, 1:-1] = noise[:, 1:-1, 1:-1]
    free = [np.argwhere(~maze)[[0, -1]] for maze in walls]
    maze, cells = np.repeat(np.arange(8), 2), np.concatenate(free)[:, ::-1]
    found = distance_fields(walls, maze, cells)
    for i in range(16):
        assert (found[i] == relaxed(walls[maze[i]], *cells[i])).all()
    assert (found == -1).sum() > walls.sum() * 2  # some free cells are cut off


def test_geodesics_are_symmetric_and_read_by_x_and_y():
    walls = mazes(0, 5)
    drawn = generator(0, "pairs")
    maze = drawn.integers(0, 5, 200)
    one, other = (2 * drawn.integers(0, 5, (200, 2)) + 1 for _ in range(2))
    there, back = geodesics(walls, maze, one, other), geodesics(walls, maze, other, one)
    assert there.dtype == np.int32
    assert (there == back).all()
    assert geodesics(
        MAZE, np.array([0, 0]), np.array([[1, 2], [5, 4]]), np.array([[5, 2], [1, 4]])
    ).tolist() == [8, 8]


def test_the_loop_compiled_is_the_loop(monkeypatch):
    walls = mazes(0, 3)
    asked = walls, np.array([0, 1, 2]), np.array([[1, 1], [3, 5], [9, 9]])
    compiled = distance_fields(*asked)
    monkeypatch.setattr("guyot.navigation.geodesics.compiled", lambda loop: loop)
    assert (distance_fields(*asked) == compiled).all()


@pytest.mark.parametrize(
    ("maze", "cell", "message"),
    [
        ([1], [[1, 2]], "mazes 1 to 1 were asked for; there are 1"),
        ([-1], [[1, 2]], "mazes -1"),
        ([0], [[7, 1]], "give 0 to 6"),
        ([0], [[-1, 1]], "-1"),
        ([0], [[2, 3]], r"row 0: cell \[2, 3\] is wall"),
        ([0, 0], [[1, 2]], r"give \[n\] and \[n, 2\]"),
        ([0], [1, 2], r"give \[n\] and \[n, 2\]"),
    ],
)
def test_cells_that_cannot_be_are_refused(maze, cell, message):
    with pytest.raises(ArrayError, match=message):
        check_cells(MAZE, np.array(maze), np.array(cell))
    with pytest.raises(ArrayError, match=message):
        distance_fields(MAZE, np.array(maze), np.array(cell))


def test_starts_that_are_wall_are_refused():
    with pytest.raises(ArrayError, match="is wall"):
        geodesics(MAZE, np.array([0]), np.array([[2, 3]]), np.array([[1, 2]]))

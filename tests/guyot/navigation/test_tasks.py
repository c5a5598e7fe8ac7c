"""Tasks are uniform over the pairs of cells in range, and of their seed alone."""

import numpy as np
import pytest

from guyot.errors import SettingError
from guyot.navigation.geodesics import check_cells, geodesics
from guyot.navigation.mazes import mazes
from guyot.navigation.tasks import tasks

WALLS = mazes(0, 40)


def rows(drawn):
    return np.column_stack([drawn.maze, drawn.start, drawn.heading, drawn.goal, drawn.geodesic])


def test_cells_are_free_and_geodesics_in_range_and_true():
    drawn = tasks(0, WALLS, 3000)
    check_cells(WALLS, drawn.maze, drawn.start)
    check_cells(WALLS, drawn.maze, drawn.goal)
    assert (geodesics(WALLS, drawn.maze, drawn.start, drawn.goal) == drawn.geodesic).all()
    assert drawn.geodesic.min() == 6
    assert drawn.geodesic.max() <= 30
    assert set(drawn.maze) == set(range(40))
    assert np.bincount(drawn.heading, minlength=4).min() > 650
    assert len(np.unique(rows(drawn)[:, [0, 3]], axis=0)) == 160  # every heading in every maze
    dtypes = [field.dtype for field in (drawn.maze, drawn.start, drawn.heading, drawn.goal, drawn.geodesic)]
    assert dtypes == [np.int32, np.int16, np.int8, np.int16, np.int32]


def test_every_pair_in_range_is_as_likely():
    walls = mazes(0, 1, 7)
    drawn = tasks(0, walls, 20_000, min_geodesic=2, max_geodesic=3)
    free = np.argwhere(~walls[0])[:, ::-1]
    one, other = np.repeat(free, len(free), axis=0), np.tile(free, (len(free), 1))
    lengths = geodesics(walls, np.zeros(len(one), int), one, other)
    n_pairs = int(((lengths >= 2) & (lengths <= 3)).sum())
    _, counts = np.unique(np.column_stack([drawn.start, drawn.goal]), axis=0, return_counts=True)
    assert len(counts) == n_pairs
    spread = ((counts - 20_000 / n_pairs) ** 2).sum() / (20_000 / n_pairs)  # chi-squared
    assert abs(spread - n_pairs) < 5 * np.sqrt(2 * n_pairs)


def test_the_first_tasks_of_more_are_the_same_and_streams_differ():
    some = rows(tasks(0, WALLS, 50))
    assert (some == rows(tasks(0, WALLS, 40_000))[:50]).all()
    assert (some != rows(tasks(1, WALLS, 50))).any()
    assert (some != rows(tasks(0, WALLS, 50, stream="probe"))).any()


def test_rows_can_be_taken_again_and_again():
    drawn = tasks(0, WALLS, 9)
    assert (rows(drawn.take(np.array([8, 0, 8]))) == rows(drawn)[[8, 0, 8]]).all()


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(SettingError, match="have a geodesic of 80 to 90"):
        tasks(0, WALLS, 1, min_geodesic=80, max_geodesic=90)
    for asked in ({"n": -1}, {"min_geodesic": 0}, {"min_geodesic": 9, "max_geodesic": 8}):
        with pytest.raises(SettingError, match="give n at least 0"):
            tasks(0, WALLS, **{"n": 1, **asked})
    solid = np.concatenate([WALLS[:1], np.ones((1, 11, 11), bool)])
    with pytest.raises(SettingError, match="maze 1 has no free cell"):
        tasks(0, solid, 1)


def test_no_task_is_drawn_where_none_is_asked_for():
    assert len(tasks(0, WALLS, 0)) == 0

"""Second trips lead from where the first ended, and know what it bumped into."""

import numpy as np
import pytest

from guyot.errors import ArrayError, SettingError
from guyot.navigation.mazes import mazes
from guyot.navigation.planner import planner_outcomes
from guyot.navigation.second_trips import bumped_walls, second_trips, walked_cells
from guyot.navigation.tasks import Tasks, tasks
from guyot.navigation.walks import parse_walk

WALK = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 S goal 3,1\nBLFF")


def task() -> Tasks:
    cells = (np.array([cell], np.int16) for cell in ((1, 1), (3, 1)))
    start, goal = cells
    return Tasks(np.array([4], np.int32), start, np.array([2], np.int8), goal, np.array([2], np.int32))


def test_again_is_the_same_task_and_back_begins_where_it_ended() -> None:
    again, back = (second_trips([WALK], task(), way) for way in ("again", "back"))
    assert [getattr(again, name).tolist() for name in ("maze", "start", "heading", "goal", "geodesic")] == [
        [4], [[1, 1]], [2], [[3, 1]], [2],
    ]  # fmt: skip
    assert [getattr(back, name).tolist() for name in ("maze", "start", "heading", "goal", "geodesic")] == [
        [4], [[3, 1]], [1], [[1, 1]], [2],
    ]  # fmt: skip


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(SettingError, match="'there'"):
        second_trips([WALK], task(), "there")
    with pytest.raises(ArrayError, match="2 walks were given for 1 tasks"):
        second_trips([WALK, WALK], task(), "back")
    short = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 S goal 3,1\nBLF")
    with pytest.raises(ArrayError, match="walk 0 ends elsewhere"):
        second_trips([short], task(), "back")


def test_a_planner_that_knows_the_walls_of_a_first_trip_needs_fewer_moves() -> None:
    walls = mazes(0, 200, split="held_out")
    asked = tasks(0, walls, 200)
    known = walls.copy()
    blind, informed = (
        planner_outcomes(walls, asked),
        planner_outcomes(walls, asked, known_walls=known[asked.maze]),
    )
    assert informed[0].all()
    assert (informed[1] == asked.geodesic).mean() > 0.9, "fewest actions, of which turns are some"
    both = blind[0]
    assert informed[1][both].sum() < blind[1][both].sum()
    nothing = planner_outcomes(walls, asked, known_walls=np.zeros_like(known[asked.maze]))
    for a, b in zip(nothing, blind, strict=True):
        np.testing.assert_array_equal(a, b)


def test_bumps_are_walls_and_nothing_else() -> None:
    found = bumped_walls([WALK])
    assert np.argwhere(found[0]).tolist() == [[2, 1]]
    assert not (found & ~WALK.walls).any()
    assert bumped_walls([]).shape == (0, 0, 0)


def test_cells_that_were_walked_are_free_and_lead_to_the_goal() -> None:
    assert np.argwhere(walked_cells([WALK])[0]).tolist() == [[1, 1], [1, 2], [1, 3]]
    assert walked_cells([]).shape == (0, 0, 0)
    back = second_trips([WALK], task(), "back")
    success, moves = planner_outcomes(
        np.repeat(WALK.walls[None], 5, axis=0), back, known_walls=~walked_cells([WALK])
    )
    assert (success.tolist(), moves.tolist()) == ([True], [2])

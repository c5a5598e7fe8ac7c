"""Mazes are connected, of their seed alone, and of one split each."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guyot.errors import ArrayError, SettingError
from guyot.navigation.mazes import SPLITS, _carve, check_mazes, distinct, in_split, mazes
from guyot.seeds import generator


def n_reached(maze):
    """Count the cells that can be reached from (1, 1), one by one."""
    reached, waiting = set(), [(1, 1)]
    while waiting:
        x, y = waiting.pop()
        if not maze[y, x] and (x, y) not in reached:
            reached.add((x, y))
            waiting += [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
    return len(reached)


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 99),
    st.sampled_from([7, 9, 11, 13, 17]),
    st.sampled_from([0.0, 0.15, 0.6]),
    st.sampled_from(sorted(SPLITS)),
    st.booleans(),
)
def test_every_maze_is_connected_and_closed(seed, size, open_fraction, split, room):
    walls = mazes(seed, 3, size, open_fraction, split=split, room=room)
    check_mazes(walls)
    assert walls.shape == (3, size, size)
    assert not walls[:, 1::2, 1::2].any()
    for maze in walls:
        assert n_reached(maze) == (~maze).sum()


def test_a_tree_has_one_way_less_than_rooms():
    walls = mazes(0, 20, 11, 0, room=False)
    assert ((~walls).sum(axis=(1, 2)) == 25 + 24).all()


def test_openings_are_of_the_share_that_was_asked_for_and_leave_pillars():
    walls = mazes(0, 2000, 11, 0.15, room=False)
    opened = (~walls).sum(axis=(1, 2)) - 49
    assert abs(opened.mean() - 0.15 * 16) < 0.1  # 40 walls between rooms, 24 of them open by the tree
    assert walls[:, 2:-1:2, 2:-1:2].all()


def test_a_room_is_a_square_of_three_cells_anywhere_on_the_lattice():
    walls = mazes(0, 500, 11, 0, room=True)
    centres = np.argwhere(~walls[:, 2:-1:2, 2:-1:2])
    assert (centres[:, 0] == np.arange(500)).all()
    assert len(np.unique(centres[:, 1:], axis=0)) == 16
    for i, row, column in centres:
        y, x = 2 * row + 2, 2 * column + 2
        assert not walls[i, y - 1 : y + 2, x - 1 : x + 2].any()


def test_the_tree_is_of_depth_first_search_and_of_the_numbers_drawn():
    drawn = np.zeros((1, 9))  # begin top left; always the first way of north, east, south, west
    walls = np.ones((1, 7, 7), bool)
    _carve(drawn, walls)
    drawing = ["".join(" #"[int(cell)] for cell in row) for row in walls[0]]
    assert drawing == ["#######", "#     #", "##### #", "#   # #", "# # # #", "# #   #", "#######"]


def test_the_loop_compiled_is_the_loop(monkeypatch):
    compiled = mazes(3, 20)
    monkeypatch.setattr("guyot.navigation.mazes.compiled", lambda loop: loop)
    assert (mazes(3, 20) == compiled).all()


def test_the_first_mazes_of_more_are_the_same_and_seeds_differ():
    for split in SPLITS:
        assert (mazes(0, 50, split=split) == mazes(0, 500, split=split)[:50]).all()
        assert (mazes(0, 50, split=split) != mazes(1, 50, split=split)).any(axis=(1, 2)).sum() > 45


def test_bytes_of_mazes_are_those_of_the_first_version():
    assert hashlib.sha256(np.packbits(mazes(0, 100)).tobytes()).hexdigest()[:16] == "b1750fe0a4b47d53"


def test_no_maze_is_in_two_splits_whatever_the_seed():
    sets = {
        split: {maze.tobytes() for seed in range(3) for maze in mazes(seed, 4000, 7, split=split)}
        for split in SPLITS
    }
    assert all(len(found) > 30 for found in sets.values())  # at size 7 mazes recur by the thousand
    assert not sets["train"] & sets["held_out"]
    assert not sets["train"] & sets["settings"]
    assert not sets["held_out"] & sets["settings"]


def test_each_maze_is_in_one_split_and_splits_have_their_shares():
    walls = generator(0, "noise").random((5000, 9, 9)) < 0.5
    masks = np.array([in_split(walls, split) for split in SPLITS])
    assert (masks.sum(axis=0) == 1).all()
    assert np.abs(masks.mean(axis=1) - [0.6, 0.2, 0.2]).max() < 0.03
    flipped = walls.copy()
    flipped[:, 8, 8] ^= True
    assert 0.3 < (in_split(flipped, "train") != in_split(walls, "train")).mean() < 0.6


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"size": 10}, "size 10"),
        ({"size": 5}, "at least 7"),
        ({"open_fraction": 1.5}, "1.5"),
        ({"split": "test"}, "train, held_out, settings"),
        ({"n": -1}, "-1 mazes"),
    ],
)
def test_what_cannot_be_is_refused(asked, message):
    with pytest.raises(SettingError, match=message):
        mazes(**{"seed": 0, "n": 1, **asked})


def test_settings_that_have_one_maze_are_refused_in_the_splits_that_it_is_not_in():
    open_lattice = np.ones((1, 11, 11), bool)
    open_lattice[0, 1:-1:2, 1:-1] = open_lattice[0, 1:-1, 1:-1:2] = False
    (split,) = (split for split in SPLITS if in_split(open_lattice, split).all())
    assert (mazes(0, 3, 11, 1.0, split=split, room=False) == open_lattice).all()
    for other in set(SPLITS) - {split}:
        with pytest.raises(SettingError, match="smaller open_fraction"):
            mazes(0, 3, 11, 1.0, split=other, room=False)


def test_no_maze_is_drawn_where_none_is_asked_for():
    assert mazes(0, 0).shape == (0, 11, 11)


def test_walls_that_are_no_mazes_are_refused():
    with pytest.raises(SettingError, match="choose from"):
        in_split(np.ones((1, 7, 7), bool), "test")
    for wrong in (
        np.ones((2, 5, 7), bool),
        np.ones((7, 7), bool),
        np.ones((1, 7, 7)),
        np.ones((0, 7, 7), bool),
    ):
        with pytest.raises(ArrayError, match="give bool"):
            check_mazes(wrong)
    for y, x in ((0, 3), (6, 3), (3, 0), (3, 6)):
        walls = np.ones((2, 7, 7), bool)
        walls[1, y, x] = False
        with pytest.raises(ArrayError, match="maze 1 has a gap"):
            check_mazes(walls)


def test_mazes_that_came_before_are_left_out_and_the_order_stays():
    drawn = mazes(0, 6)
    assert np.array_equal(distinct(drawn[[4, 1, 4, 5, 1]]), drawn[[4, 1, 5]])
    assert distinct(drawn[:0]).shape == (0, 11, 11)

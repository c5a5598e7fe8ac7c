"""Path features by hand, against counting one by one, and what they must not see."""

import numpy as np
import pytest
from support.episodes import maze, walk_at_random

from guyot.encoders.path_encoder import REACH, WINDOW, PathEncoder
from guyot.navigation.walk_lines import WalkError
from guyot.navigation.walks import Walk, format_walk, parse_walk, poses

MAZE = "maze 5x5 fc7b1f80"  # rows 11111 10001 11101 10001 11111
CENTRE = REACH * WINDOW + REACH


def one(text: str) -> np.ndarray:
    return PathEncoder().encode([text])[0]


def test_a_walk_by_hand() -> None:
    """Two steps east, a bump, two steps back: the cell between is entered twice, the wall is bumped into once."""
    row = one(f"{MAZE}\nstart 1,1 E goal 3,3\nFFBRRFFLR")
    entered = {(0, 0): 2, (1, 0): 2, (2, 0): 1}
    expected = np.zeros(2 * WINDOW * WINDOW)
    for (dx, dy), count in entered.items():
        expected[CENTRE + dy * WINDOW + dx] = np.sqrt(count / 6)
    expected[WINDOW * WINDOW + CENTRE + 3] = np.sqrt(1 / 6)
    np.testing.assert_allclose(row, expected, atol=1e-7)


@pytest.mark.parametrize("seed", range(12))
def test_rows_are_those_of_counting_one_by_one(seed: int) -> None:
    walks = [walk_at_random(maze(seed, 13), seed, number) for number in range(8)]
    found = PathEncoder().encode([format_walk(walk) for walk in walks])
    assert (found.dtype, found.shape) == (np.float32, (8, PathEncoder().width))
    for row, walk in zip(found, walks, strict=True):
        np.testing.assert_allclose(row, counted(walk), atol=1e-6)
        np.testing.assert_array_equal(row, one(format_walk(walk)))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def counted(walk: Walk) -> np.ndarray:
    """Count cells action by action."""
    counts = np.zeros((2, WINDOW, WINDOW))
    walked = poses(walk).tolist()
    (x0, y0, _), steps = walked[0], [(0, -1), (1, 0), (0, 1), (-1, 0)]
    counts[0, REACH, REACH] = 1
    for (x, y, heading), action, bump, after in zip(
        walked, walk.actions, walk.bumps, walked[1:], strict=False
    ):
        dx, dy = steps[heading]
        if bump:
            counts[1, y + dy - y0 + REACH, x + dx - x0 + REACH] += 1
        elif action == 0:
            counts[0, after[1] - y0 + REACH, after[0] - x0 + REACH] += 1
    rows = np.sqrt(counts).ravel()
    return rows / np.linalg.norm(rows)


def test_no_wall_that_was_not_touched_is_seen() -> None:
    """Two mazes that differ where the walk never was, another goal, another place of the same path: one vector."""
    walls = np.ones((13, 13), bool)
    walls[1, 1:4] = walls[5, 5:12] = False
    other, moved = walls.copy(), np.ones((13, 13), bool)
    other[7, 3:9] = other[2, 1] = False
    moved[9, 5:8] = moved[11, 1] = False
    actions, bumps = np.array([0, 0, 0, 1, 1], np.uint8), np.array([0, 0, 1, 0, 0], bool)
    rows = PathEncoder().encode(
        [
            format_walk(Walk(walls, (1, 1), 1, (5, 5), actions, bumps)),
            format_walk(Walk(other, (1, 1), 1, (8, 7), actions, bumps)),
            format_walk(Walk(moved, (5, 9), 1, (1, 11), actions, bumps)),
        ]
    )
    np.testing.assert_array_equal(rows[0], rows[1])
    np.testing.assert_array_equal(rows[0], rows[2])


def test_a_bump_is_not_a_visit_and_left_is_not_right() -> None:
    rows = PathEncoder().encode(
        [
            f"{MAZE}\nstart 2,1 {rest}"
            for rest in ("E goal 3,3\nF", "N goal 3,3\nB", "W goal 3,3\nF", "S goal 3,3\nB")
        ]
    )
    np.testing.assert_allclose(rows @ rows.T, 0.5 + 0.5 * np.eye(4), atol=1e-6)


def test_the_corners_of_a_13x13_maze_share_no_place_and_larger_mazes_wrap_around() -> None:
    walls = np.ones((13, 13), bool)
    walls[1:12, 1:12] = False
    there = Walk(
        walls, (1, 1), 1, (11, 11), np.array([0] * 11 + [2] + [0] * 10, np.uint8), np.arange(22) == 10
    )
    row = one(format_walk(there)).reshape(2, WINDOW, WINDOW)
    assert row[0, REACH, REACH : REACH + 11].all()
    assert row[0, REACH : REACH + 11, REACH + 10].all()
    assert (row > 0).sum() == 22
    assert row[1, REACH, REACH + 11] > 0
    wide = np.ones((27, 27), bool)
    wide[1, 1:26] = wide[3, 1] = False
    far = Walk(wide, (1, 1), 1, (1, 3), np.zeros(24, np.uint8), np.zeros(24, bool))
    row = one(format_walk(far)).reshape(2, WINDOW, WINDOW)
    np.testing.assert_allclose(row[0, REACH] ** 2 * 25, [*([1] * 11), 2, 2, *([1] * 10)], atol=1e-5)


def test_walks_of_one_task_are_nearer_than_of_others() -> None:
    walls = maze(3, 11)
    again = PathEncoder().encode([format_walk(walk_at_random(walls, 3, 0, draw=n)) for n in range(6)])
    others = PathEncoder().encode([format_walk(walk_at_random(maze(s, 11), s, 0)) for s in range(20, 26)])
    own = (again @ again.T)[~np.eye(6, dtype=bool)].mean()
    assert own > (again @ others.T).mean() + 0.2


def test_no_walk_gives_no_row_and_what_is_no_walk_is_refused() -> None:
    assert PathEncoder().encode([]).shape == (0, PathEncoder().width)
    with pytest.raises(WalkError, match="walk_malformed"):
        PathEncoder().encode(["a text"])
    assert parse_walk(f"{MAZE}\nstart 1,1 E goal 3,3\nF").bumps.tolist() == [False]


def test_the_id_is_of_the_algorithm(monkeypatch: pytest.MonkeyPatch) -> None:
    import guyot.encoders.path_encoder as module

    before = PathEncoder().id
    assert before == PathEncoder().id
    monkeypatch.setattr(module, "_ALGORITHM", 2)
    assert PathEncoder().id != before

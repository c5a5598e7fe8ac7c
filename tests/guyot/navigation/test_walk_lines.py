"""Each line of a walk by itself: what is read, and each fault with its place."""

import numpy as np
import pytest

from guyot.navigation.walk_lines import (
    LETTERS,
    MAX_ACTIONS,
    REASONS,
    WalkError,
    read_letters,
    read_task,
    read_walls,
)

WALLS = np.ones((5, 5), bool)
WALLS[1, 1:4] = WALLS[2, 3] = WALLS[3, 1:4] = False


def fault(read, *args) -> tuple[str, str]:
    with pytest.raises(WalkError) as raised:
        read(*args)
    assert raised.value.reason in REASONS
    return raised.value.reason, raised.value.detail


def test_walls_are_bits_row_by_row_the_first_the_highest() -> None:
    # rows 11111 10001 11101 10001 11111, and seven bits of nothing
    bits = "11111100011110110001111110000000"
    np.testing.assert_array_equal(read_walls(f"maze 5x5 {int(bits, 2):08x}"), WALLS)


@pytest.mark.parametrize(
    "line, found",
    [
        ("", "line 1 is ''"),
        ("maze 5x5", "line 1 is 'maze 5x5'"),
        ("maze 5x5 FC7B1F80", "line 1"),
        ("maze 05x05 fc7b1f80", "line 1"),
        ("maze ٥x٥ fc7b1f80", "line 1"),
        ("maze 5x5 fc7b1f80 ", "line 1"),
        ("maze 5x7 fc7b1f8000", "5x7"),
        ("maze 6x6 ffffffffff", "6x6"),
        ("maze 1x1 80", "1x1"),
        ("maze 257x257 ff", "257x257"),
        ("maze 5x5 fc7b1f", "6 hexadecimal digits of walls; 5x5 has 8"),
        ("maze 5x5 fc7b1f8000", "10 hexadecimal digits"),
        ("maze 5x5 fc7b1f81", "after the 25"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_maze_is_malformed(line: str, found: str) -> None:
    reason, detail = fault(read_walls, line)
    assert reason == "walk_malformed"
    assert found in detail


def test_a_long_line_is_quoted_in_part() -> None:
    assert len(fault(read_walls, "m" * 1_000_000)[1]) < 200


@pytest.mark.parametrize("column, row", [(0, 0), (4, 0), (0, 4), (4, 4), (2, 0), (0, 2), (4, 2), (2, 4)])
def test_a_hole_in_the_border_is_named(column: int, row: int) -> None:
    walls = WALLS.copy()
    walls[row, column] = False
    found = fault(read_walls, f"maze 5x5 {np.packbits(walls).tobytes().hex()}")
    assert found == ("maze_not_closed", f"no wall at {column},{row}, on the border")


def test_a_task_is_read_with_columns_before_rows() -> None:
    assert read_task("start 3,2 W goal 1,3", WALLS) == ((3, 2), 3, (1, 3))
    assert [read_task(f"start 1,1 {h} goal 1,3", WALLS)[1] for h in "NESW"] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "line, reason, found",
    [
        ("start 2,3 W goal 3,2", None, ""),
        ("start 3,2 w goal 1,3", "walk_malformed", "line 2"),
        ("start 3,2 W goal 1,3 ", "walk_malformed", "line 2"),
        ("start 03,2 W goal 1,3", "walk_malformed", "line 2"),
        ("start -1,2 W goal 1,3", "walk_malformed", "line 2"),
        ("start 1,2 W goal 1,3", "start_in_wall", "start 1,2 is a wall"),
        ("start 0,0 W goal 1,3", "start_in_wall", "start 0,0 is a wall"),
        ("start 5,1 W goal 1,3", "start_in_wall", "start 5,1 lies outside the maze of 5x5"),
        ("start 1,5 W goal 1,3", "start_in_wall", "outside"),
        ("start 1,3 W goal 2,2", "goal_in_wall", "goal 2,2 is a wall"),
        ("start 1,3 W goal 999,2", "goal_in_wall", "outside"),
    ],
)
def test_a_start_or_goal_that_is_no_free_cell_is_refused(line: str, reason: str | None, found: str) -> None:
    if reason is None:
        read_task(line, WALLS)
    else:
        got, detail = fault(read_task, line, WALLS)
        assert got == reason
        assert found in detail


def test_actions_are_letters_and_no_more_than_the_most() -> None:
    assert read_letters("FBLRF").tolist() == [0, 1, 2, 3, 0]
    assert [LETTERS[n] for n in read_letters("RLBF")] == list("RLBF")
    assert len(read_letters("F" * MAX_ACTIONS)) == MAX_ACTIONS
    assert fault(read_letters, "F" * (MAX_ACTIONS + 1)) == (
        "too_many_actions",
        "10001 actions; 10000 are the most",
    )
    assert fault(read_letters, "") == ("no_action", "line 3 is empty")


@pytest.mark.parametrize("line, shown", [("FFxF", "2 is 'x'"), ("FéF", "1 is 'é'"), ("F\ud800", "1 is '\\ud800'"), ("f", "0 is 'f'"), ("F?", "1 is '?'")])  # fmt: skip
def test_another_letter_is_named_with_its_place(line: str, shown: str) -> None:
    assert fault(read_letters, line)[1].startswith(f"action {shown};")

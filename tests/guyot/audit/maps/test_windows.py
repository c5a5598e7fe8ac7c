"""Windows against a drawn maze, and against a reference that looks at each moment, cell and action."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.audit.maps.windows import OLD_AFTER, windows
from guyot.navigation.walks import STEPS, Walk, parse_walk, poses
from guyot.seeds import generator

DRAWN = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 S goal 3,1\nBLFF")


def drawn_walk(number: int, size: int = 7, n: int = 40) -> Walk:
    stream = generator(number, "walk")
    walls = stream.random((size, size)) < 0.3
    walls[[0, -1]], walls[:, [0, -1]] = True, True
    walls[1, 1] = walls[size - 2, size - 2] = False
    place, heading, actions, bumps = np.array([1, 1]), 1, [], []
    for action in stream.integers(0, 3, n):
        if tuple(place) == (size - 2, size - 2):
            break
        front = place + STEPS[heading]
        bump = bool(action == 0 and walls[front[1], front[0]])
        heading = (heading + (0, -1, 1)[action]) % 4
        place = front if action == 0 and not bump else place
        actions.append(action)
        bumps.append(bump)
    return Walk(walls, (1, 1), 1, (size - 2, size - 2), np.array(actions, np.uint8), np.array(bumps, bool))


def reference(walk: Walk, moment: int, reach: int) -> dict[str, list[bool]]:
    walked, size = poses(walk).tolist(), len(walk.walls)
    last: dict[tuple[int, int], int] = {}
    for time in range(moment + 1):
        x, y, _ = walked[time]
        if time and walk.bumps[time - 1]:
            dx, dy = STEPS[walked[time - 1][2]].tolist()
            last[x + dx, y + dy] = time
        last[x, y] = time
    stood = {(x, y) for x, y, _ in walked[: moment + 1]}
    x, y, _ = walked[moment]
    found: dict[str, list[bool]] = {"is_wall": [], "explored": [], "old": [], "near": []}
    for row in range(y - reach, y + reach + 1):
        for column in range(x - reach, x + reach + 1):
            inside, cell = 0 <= row < size and 0 <= column < size, (column, row)
            known = inside and cell in last and cell != walk.goal
            interior = 0 < row < size - 1 and 0 < column < size - 1
            beside = any(max(abs(column - a), abs(row - b)) <= 1 for a, b in stood)
            found["is_wall"].append(bool(inside and walk.walls[row, column]))
            found["explored"].append(known)
            found["old"].append(known and last[cell] <= moment - OLD_AFTER)
            found["near"].append(interior and beside and cell != walk.goal)
    return found


@given(st.lists(st.integers(0, 500), min_size=1, max_size=4), st.integers(1, 3))
def test_windows_are_those_of_a_reference(numbers: list[int], reach: int) -> None:
    walks = [drawn_walk(number, size=7 + 2 * (number % 2)) for number in numbers]
    stream = generator(len(numbers), "moments")
    of_walk = stream.integers(0, len(walks), 6)
    moment = np.array([stream.integers(0, len(walks[one].actions) + 1) for one in of_walk])
    found = windows(walks, of_walk, moment, reach)
    for row, (one, at) in enumerate(zip(of_walk, moment, strict=True)):
        for name, expected in reference(walks[one], int(at), reach).items():
            assert getattr(found, name)[row].tolist() == expected, name


def test_knowledge_of_a_bump_is_old_after_eight_actions() -> None:
    walls = np.ones((5, 5), bool)
    walls[1, 1:4] = False
    turns = np.array([0, *[1] * 9], np.uint8)  # one bump to the north, then turns on the spot
    walk = Walk(walls, (1, 1), 0, (3, 1), turns, turns == 0)
    found = windows([walk], np.zeros(10, np.int64), np.arange(1, 11), reach=1)
    above = 1
    assert found.explored[:, above].all()
    assert found.is_wall[:, above].all()
    assert found.old[:, above].tolist() == [False] * 8 + [True] * 2
    assert not found.old[:, 4].any(), "it stands there"


def test_the_goal_is_told_and_asked_for_by_no_mask() -> None:
    end = windows([DRAWN], np.array([0]), np.array([4]), reach=1)
    assert not end.is_wall[0, 4]
    assert not end.explored[0, 4]
    assert not end.near[0, 4]


def test_moments_after_the_end_are_refused() -> None:
    with pytest.raises(ValueError, match="moment 5 of walk 0 was asked for; it has 4 actions"):
        windows([DRAWN], np.array([0, 0]), np.array([4, 5]))


def test_no_walk_and_no_moment_have_no_window() -> None:
    assert windows([], np.zeros(0, np.int64), np.zeros(0, np.int64)).is_wall.shape == (0, 49)
    assert windows([DRAWN], np.zeros(0, np.int64), np.zeros(0, np.int64)).near.shape == (0, 49)

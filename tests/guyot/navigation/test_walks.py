"""Walks against a simulator that takes one action after the other, and each walk that cannot have happened."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guyot.navigation.walk_lines import WalkError
from guyot.navigation.walks import Walk, ahead, format_task, format_walk, parse_walk, poses, task_id
from guyot.seeds import generator

CORRIDOR = "maze 5x5 fc7b1f80"  # rows 11111 10001 11101 10001 11111
TASK = f"{CORRIDOR}\nstart 1,1 E goal 1,3"


def one_by_one(
    walls: np.ndarray, start: tuple[int, int], heading: int, goal: tuple[int, int], actions: list[int]
):
    """Act in a maze, one action after the other; stop at the goal: the walk, and its poses."""
    (x, y), taken, bumps, walked = start, [], [], [(*start, heading)]
    for action in actions:
        if (x, y) == goal:
            break
        bump = False
        if action == 1:
            heading = (heading + 3) % 4
        elif action == 2:
            heading = (heading + 1) % 4
        else:
            dx, dy = {0: (0, -1), 1: (1, 0), 2: (0, 1), 3: (-1, 0)}[heading]
            bump = bool(walls[y + dy][x + dx])
            x, y = (x, y) if bump else (x + dx, y + dy)
        taken.append(action)
        bumps.append(bump)
        walked.append((x, y, heading))
    return Walk(walls, start, walked[0][2], goal, np.array(taken, np.uint8), np.array(bumps, bool)), walked


def a_walk(seed: int, n_actions: int = 60):
    """Return a walk in a maze of random walls, and its poses."""
    draw = generator(seed, "test-walk")
    size = int(draw.choice([5, 7, 11, 13]))
    walls = np.ones((size, size), bool)
    walls[1:-1, 1:-1] = draw.random((size - 2, size - 2)) < 0.35
    free = np.argwhere(~walls)
    if len(free) < 2:
        return a_walk(seed + 1_000_000)
    start, goal = (tuple(free[n][::-1].tolist()) for n in draw.permutation(len(free))[:2])
    actions = draw.choice(3, int(draw.integers(1, n_actions)), p=[0.6, 0.2, 0.2]).tolist()
    return one_by_one(walls, start, int(draw.integers(4)), goal, actions)


@pytest.mark.parametrize("seed", range(60))
def test_poses_and_texts_are_those_of_acting_one_by_one(seed: int) -> None:
    walk, walked = a_walk(seed)
    text = format_walk(walk)
    read = parse_walk(text)
    np.testing.assert_array_equal(read.walls, walk.walls)
    assert (read.start, read.heading, read.goal) == (walk.start, walk.heading, walk.goal)
    np.testing.assert_array_equal(read.actions, walk.actions)
    np.testing.assert_array_equal(read.bumps, walk.bumps)
    assert (read.actions.dtype, read.bumps.dtype) == (np.uint8, bool)
    found = poses(read)
    assert found.dtype == np.int16
    assert found.tolist() == [list(pose) for pose in walked]
    assert format_walk(read) == text


def test_a_walk_by_hand() -> None:
    walk = parse_walk(f"{TASK}\nFFBRFFRFF")
    assert poses(walk).tolist() == [
        [1, 1, 1], [2, 1, 1], [3, 1, 1], [3, 1, 1], [3, 1, 2], [3, 2, 2], [3, 3, 2], [3, 3, 3], [2, 3, 3], [1, 3, 3],
    ]  # fmt: skip
    assert ahead(poses(walk))[2].tolist() == [4, 1]
    assert ahead(np.array([[5, 5, h] for h in range(4)], np.int16)).tolist() == [
        [5, 4],
        [6, 5],
        [5, 6],
        [4, 5],
    ]


@pytest.mark.parametrize(
    "actions, reason, where",
    [
        ("FFBRFFRFFF", "action_at_goal", "action 9 of 10 follows on the goal 1,3"),
        ("FFF", "moved_through_wall", "action 2 steps from 3,1 to 4,1, a wall"),
        ("FB", "bumped_no_wall", "action 1 bumps at 2,1 into 3,1, which is free"),
        ("LF", "moved_through_wall", "action 1 steps from 1,1 to 1,0"),
        ("FFF" + "F" * 9000, "moved_through_wall", "action 2 steps"),
        ("FFBRFFRFFLLLL", "action_at_goal", "action 9 of 13"),
        ("F,", "walk_malformed", "action 1"),
        ("", "no_action", "2 lines"),
        ("F\nF", "walk_malformed", "4 lines"),
    ],
)
def test_what_cannot_have_happened_is_refused_at_its_first_place(
    actions: str, reason: str, where: str
) -> None:
    with pytest.raises(WalkError, match=where) as raised:
        parse_walk(f"{TASK}\n{actions}")
    assert raised.value.reason == reason


def test_a_walk_whose_start_is_its_goal_has_no_action() -> None:
    with pytest.raises(WalkError, match="action 0 of 1 follows"):
        parse_walk(f"{CORRIDOR}\nstart 1,1 E goal 1,1\nF")


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", ["moves", "bumps"])
def test_one_step_that_is_the_other_is_refused(seed: int, kind: str) -> None:
    """A step that moved is written as a bump, or a bump as a step that moved: it is the first fault, or an earlier one."""
    walk, _ = a_walk(seed)
    actions = list(format_walk(walk).rsplit("\n", 1)[1])
    steps = [at for at, letter in enumerate(actions) if letter == ("F" if kind == "moves" else "B")]
    if not steps:
        return
    at = steps[seed % len(steps)]
    actions[at] = "B" if kind == "moves" else "F"
    reason = "bumped_no_wall" if kind == "moves" else "moved_through_wall"
    with pytest.raises(WalkError, match=rf"{reason}: action {at} "):
        parse_walk(f"{format_task(walk)}\n{''.join(actions)}")


def test_newlines_at_the_end_and_carriage_returns_are_left_out() -> None:
    text = f"{TASK}\nFF"
    for other in (f"{text}\n", f"{text}\n\n", text.replace("\n", "\r\n"), f"{text}\r\n"):
        assert format_walk(parse_walk(other)) == text
    for other in (f"\n{text}", f" {text}", f"{text} ", text.replace("\n", "\n\n")):
        with pytest.raises(WalkError, match="walk_malformed"):
            parse_walk(other)


def test_a_task_has_one_id_whatever_was_done() -> None:
    ids = {
        task_id(parse_walk(text))
        for text in (f"{TASK}\nFF", f"{TASK}\nLL", TASK.replace(" E ", " S ") + "\nFF"[:1] + "L",
                     TASK.replace("1,3", "2,3") + "\nL", TASK.replace("start 1,1", "start 2,1") + "\nL")
    }  # fmt: skip
    assert len(ids) == 4
    assert all(len(one) == 32 for one in ids)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120), st.integers(0, 3))
def test_any_text_is_a_walk_or_a_walk_error(text: str, keep: int) -> None:
    lines = f"{TASK}\nFFBRFFRFF".split("\n")[:keep]
    try:
        walk = parse_walk("\n".join([*lines, text]))
    except WalkError:
        return
    assert parse_walk(format_walk(walk)).actions.tolist() == walk.actions.tolist()

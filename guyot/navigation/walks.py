"""Walks: what an agent did in a maze, as three lines of text that are checked when they are read.

    maze 5x5 <walls in hexadecimal>
    start 1,1 E goal 3,3
    FFRFF

Walls are read row by row from the top left, 1 is a wall, eight to a byte, the first in its highest bit.
F is a step forward that moved, B one that bumped into a wall and moved nothing, L and R turn left and right
on the spot. A place is a column and a row, counted from the top left; reaching the goal ends the walk.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.identity import content_digest
from guyot.navigation.walk_lines import HEADINGS, LETTERS, WalkError, read_letters, read_task, read_walls

FORWARD, LEFT, RIGHT = 0, 1, 2
STEPS = np.array([[0, -1], [1, 0], [0, 1], [-1, 0]], np.int16)  # columns and rows of a step, by heading
_ACTIONS = np.array([FORWARD, FORWARD, LEFT, RIGHT], np.uint8)  # by letter
_LETTERS = np.frombuffer(LETTERS.encode(), np.uint8)


@dataclass(frozen=True, eq=False)
class Walk:
    """A task and what an agent did.

    walls : bool[size, size], True is wall
    start, goal : column and row
    heading : at the start: 0 north, 1 east, 2 south, 3 west
    actions : uint8[n]: 0 forward, 1 left, 2 right
    bumps : bool[n]: which steps forward hit a wall and moved nothing
    """

    walls: NDArray[np.bool_]
    start: tuple[int, int]
    heading: int
    goal: tuple[int, int]
    actions: NDArray[np.uint8]
    bumps: NDArray[np.bool_]


def parse_walk(text: str) -> Walk:
    r"""Read a walk, and check that it can have happened in its maze.

    Parameters
    ----------
    text : three lines; newlines after the last are left out, and a carriage return that ends a line

    Raises
    ------
    WalkError : its reason is one of `guyot.navigation.walk_lines.REASONS`.

    Notes
    -----
    O(cells of the maze + actions), without a loop over actions: 5,000 walks of 40 actions took a second on a
    busy core.

    Examples
    --------
    >>> walk = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 S goal 3,1\nBLFF")
    >>> walk.actions.tolist(), walk.bumps.tolist(), poses(walk)[-1].tolist()
    ([0, 1, 0, 0], [True, False, False, False], [3, 1, 1])
    >>> parse_walk("maze 5x5 fc7b1f80\nstart 1,1 S goal 3,1\nFF")
    Traceback (most recent call last):
    guyot.navigation.walk_lines.WalkError: moved_through_wall: action 0 steps from 1,1 to 1,2, a wall
    """
    lines = [line.removesuffix("\r") for line in text.rstrip("\r\n").split("\n")]
    if len(lines) == 2:
        raise WalkError("no_action", "2 lines; the third has the actions")
    if len(lines) != 3:
        raise WalkError("walk_malformed", f"{len(lines)} lines instead of 3: maze, start and goal, actions")
    walls = read_walls(lines[0])
    start, heading, goal = read_task(lines[1], walls)
    letters = read_letters(lines[2])
    walk = Walk(walls, start, heading, goal, _ACTIONS[letters], letters == LETTERS.index("B"))
    _require_possible(walk)
    return walk


def format_walk(walk: Walk) -> str:
    r"""Write a walk as its three lines, without a newline at the end: equal walks are equal texts.

    Parameters
    ----------
    walk : not checked, but by `parse_walk` when it is read again

    Examples
    --------
    >>> text = "maze 5x5 fc7b1f80\nstart 1,1 S goal 3,1\nBLFF"
    >>> format_walk(parse_walk(text)) == text
    True
    """
    letters = np.array([0, 2, 3])[walk.actions] + walk.bumps
    return f"{format_task(walk)}\n{_LETTERS[letters].tobytes().decode()}"


def format_task(walk: Walk) -> str:
    """Write the maze, the start and the goal: the first two lines of `format_walk`."""
    size = len(walk.walls)
    return (
        f"maze {size}x{size} {np.packbits(walk.walls).tobytes().hex()}\n"
        f"start {walk.start[0]},{walk.start[1]} {HEADINGS[walk.heading]} goal {walk.goal[0]},{walk.goal[1]}"
    )


def task_id(walk: Walk) -> str:
    """Hash the maze, start, heading and goal to 32 hex digits: walks of one task have one."""
    return content_digest(format_task(walk).encode())


def poses(walk: Walk) -> NDArray[np.int16]:
    """Return column, row and heading before each action and after the last, int16[n + 1, 3].

    Notes
    -----
    O(n), without a loop in Python. The bumps are believed, not looked up in the maze.
    """
    turns = np.array([0, -1, 1], np.int16)[walk.actions]
    moves = (walk.actions == FORWARD) & ~walk.bumps
    found = np.empty((len(walk.actions) + 1, 3), np.int16)
    found[0] = (*walk.start, walk.heading)
    found[1:, 2] = (walk.heading + np.cumsum(turns)) % len(HEADINGS)
    steps = STEPS[found[1:, 2]] * moves[:, None]
    found[1:, :2] = np.array(walk.start, np.int16) + np.cumsum(steps, axis=0, dtype=np.int16)
    return found


def ahead(walked: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return the place in front of each pose, int16[n, 2].

    Parameters
    ----------
    walked : int16[n, 3], as `poses` returns them
    """
    return walked[:, :2] + STEPS[walked[:, 2]]


def _require_possible(walk: Walk) -> None:
    """Refuse a walk whose first impossible action there is: what follows it is not looked at."""
    before = poses(walk)[:-1]
    # behind the first impossible action places may lie outside
    front = np.clip(ahead(before), 0, len(walk.walls) - 1)
    wall = walk.walls[front[:, 1], front[:, 0]]
    is_forward = walk.actions == FORWARD
    at_goal = (before[:, :2] == walk.goal).all(axis=1)
    wrong = np.flatnonzero(at_goal | (is_forward & (wall != walk.bumps)))
    if not len(wrong):
        return
    at = int(wrong[0])
    (column, row), (x, y) = before[at, :2].tolist(), front[at].tolist()
    if at_goal[at]:
        detail = f"action {at} of {len(before)} follows on the goal {column},{row}"
        raise WalkError("action_at_goal", detail)
    if wall[at]:
        raise WalkError("moved_through_wall", f"action {at} steps from {column},{row} to {x},{y}, a wall")
    raise WalkError("bumped_no_wall", f"action {at} bumps at {column},{row} into {x},{y}, which is free")

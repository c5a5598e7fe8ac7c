"""The three lines of a walk, each read and checked by itself; `guyot.navigation.walks` puts them together."""

import re

import numpy as np
from numpy.typing import NDArray

from guyot.errors import GuyotError

HEADINGS, LETTERS = "NESW", "FBLR"
MAX_ACTIONS, MIN_SIZE, MAX_SIZE = 10_000, 3, 255
_MAZE = re.compile(r"maze ([1-9][0-9]{0,2})x([1-9][0-9]{0,2}) ([0-9a-f]+)")
_PLACE = r"(0|[1-9][0-9]{0,2}),(0|[1-9][0-9]{0,2})"
_TASK = re.compile(rf"start {_PLACE} ([{HEADINGS}]) goal {_PLACE}")
_PLACES = np.array([LETTERS.find(chr(code)) for code in range(256)], np.int64)  # by code, -1 of no letter
_SHOWN_CHARS = 60
Place = tuple[int, int]  # column, row


class WalkError(GuyotError, ValueError):
    """A text that is no walk, or a walk that cannot have happened in its maze.

    Attributes
    ----------
    reason : one of `REASONS`
    detail : what was found, and where
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        """Return what makes it again in another process."""
        return type(self), (self.reason, self.detail)


REASONS = {
    "walk_malformed": "not the three lines of a walk: its maze, its task, its actions",
    "maze_not_closed": "a maze whose border is not all wall",
    "start_in_wall": "a walk that starts in a wall, or outside its maze",
    "goal_in_wall": "a walk whose goal is a wall, or outside its maze",
    "no_action": "a walk without an action",
    "too_many_actions": f"a walk of more than {MAX_ACTIONS:,} actions",
    "moved_through_wall": "a walk with a step forward, F, where its maze has a wall",
    "bumped_no_wall": "a walk with a bump, B, where its maze has no wall",
    "action_at_goal": "a walk that goes on after it reached its goal",
}


def read_walls(line: str) -> NDArray[np.bool_]:
    """Read the line of the maze, bool[size, size], True is wall.

    Raises
    ------
    WalkError : walk_malformed, or maze_not_closed.
    """
    found = _MAZE.fullmatch(line)
    if found is None:
        raise WalkError("walk_malformed", f"line 1 is {_shown(line)} instead of maze 11x11 and its walls")
    width, height = int(found[1]), int(found[2])
    if width != height or width % 2 == 0 or not MIN_SIZE <= width <= MAX_SIZE:
        raise WalkError(
            "walk_malformed",
            f"a maze of {width}x{height}; mazes are square, of an odd side of {MIN_SIZE} to {MAX_SIZE}",
        )
    n_cells = width * width
    n_digits = 2 * (-(-n_cells // 8))
    if len(found[3]) != n_digits:
        raise WalkError(
            "walk_malformed", f"{len(found[3])} hexadecimal digits of walls; {width}x{width} has {n_digits}"
        )
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(found[3]), np.uint8)).astype(np.bool_)
    if bits[n_cells:].any():
        raise WalkError("walk_malformed", f"bits after the {n_cells} of the walls are not all 0")
    walls = bits[:n_cells].reshape(width, width)
    if not (walls[0].all() and walls[-1].all() and walls[:, 0].all() and walls[:, -1].all()):
        inside = np.pad(np.ones((width - 2, width - 2), np.bool_), 1)
        row, column = np.argwhere(~walls & ~inside)[0].tolist()
        raise WalkError("maze_not_closed", f"no wall at {column},{row}, on the border")
    return walls


def read_task(line: str, walls: NDArray[np.bool_]) -> tuple[Place, int, Place]:
    """Read the line of the task: start, heading and goal.

    Parameters
    ----------
    walls : bool[size, size], of the maze

    Raises
    ------
    WalkError : walk_malformed, or a start or a goal that is no free cell of the maze.
    """
    task = _TASK.fullmatch(line)
    if task is None:
        raise WalkError("walk_malformed", f"line 2 is {_shown(line)} instead of start 1,1 E goal 3,3")
    start, goal = (int(task[1]), int(task[2])), (int(task[4]), int(task[5]))
    _require_free(walls, start, "start", "start_in_wall")
    _require_free(walls, goal, "goal", "goal_in_wall")
    return start, HEADINGS.index(task[3]), goal


def _require_free(walls: NDArray[np.bool_], place: Place, what: str, reason: str) -> None:
    """Refuse a start or a goal that is no free cell."""
    column, row = place
    size = len(walls)
    if column >= size or row >= size:
        raise WalkError(reason, f"{what} {column},{row} lies outside the maze of {size}x{size}")
    if walls[row, column]:
        raise WalkError(reason, f"{what} {column},{row} is a wall")


def read_letters(line: str) -> NDArray[np.int64]:
    """Read the line of the actions as places in `LETTERS`, int64[n].

    Raises
    ------
    WalkError : no_action, too_many_actions, or walk_malformed.
    """
    if not line:
        raise WalkError("no_action", "line 3 is empty")
    if len(line) > MAX_ACTIONS:
        raise WalkError("too_many_actions", f"{len(line)} actions; {MAX_ACTIONS} are the most")
    found = _PLACES[np.frombuffer(line.encode("ascii", "replace"), np.uint8)]
    if found.min() < 0:
        at = int(found.argmin())
        raise WalkError("walk_malformed", f"action {at} is {line[at]!r}; actions are F, B, L and R")
    return found


def _shown(text: str) -> str:
    """Return the beginning of a text, quoted."""
    return repr(text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}...")

"""Mazes from a seed: a spanning tree by depth-first search, some walls opened, one room."""

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError, SettingError
from guyot.navigation.actions import DX, DY
from guyot.navigation.compilation import compiled
from guyot.seeds import generator, mix, uniforms_of_bits

SPLITS = {"train": (0.0, 0.6), "held_out": (0.6, 0.8), "settings": (0.8, 1.0)}
MIN_SIZE = 7  # the room fills a maze of 5x5: there would be one such maze in all
_BLOCK_MAZES = 1 << 15
_MAX_WITHOUT_ONE = 2_000  # each split has a fifth at least: without one, they are alike


def mazes(
    seed: int, n: int, size: int = 11, open_fraction: float = 0.15, *, split: str = "train", room: bool = True
) -> NDArray[np.bool_]:
    """Draw mazes of one split.

    Rooms at odd coordinates are joined by a depth-first spanning tree; then each wall that still parts two
    neighbouring rooms is opened with a probability, and one square of 3x3 cells is cleared.

    Parameters
    ----------
    seed : mazes of another seed are others
    n : how many; the first n of a larger n are the same
    size : cells along a side with the border, odd, at least 7; 11 is a lattice of 5x5 rooms
    open_fraction : the probability, 0 to 1; 0 with `room` False leaves a tree, with one way between cells
    split : of `SPLITS`. A hash of the walls decides which split a maze belongs to, whatever its seed, so that
        no maze is in two splits. Within a split a maze may recur: one in 20,000 at size 11.
    room : whether the square is cleared

    Returns
    -------
    bool[n, size, size], True is wall

    Raises
    ------
    SettingError : a size that is even or below 7, a fraction that is none, a split that there is not, or
        settings of which there are so few mazes that this split has none.

    Notes
    -----
    O(n size^2); compiled, 20,000 mazes of size 11 take 0.1 s. Wijmans et al. (arXiv 2301.13261) train in
    scans of homes; mazes are our stand-in that a CPU can walk.

    Examples
    --------
    >>> walls = mazes(0, 2, size=7)
    >>> walls.shape, bool(walls[:, 0].all()), bool(walls[:, 1::2, 1::2].any())
    ((2, 7, 7), True, False)
    """
    _check(n, size, open_fraction, split)
    low, high = SPLITS[split]
    stream = generator(seed, "mazes", split, size)
    found: list[NDArray[np.bool_]] = [np.empty((0, size, size), np.bool_)]
    missing, n_tried = n, 0
    while missing:
        n_drawn = min(_BLOCK_MAZES, int(1.1 * missing / (high - low)) + 200)
        walls = _draw(stream, n_drawn, size, open_fraction, room)
        found.append(walls[in_split(walls, split)][:missing])
        missing -= len(found[-1])
        n_tried += n_drawn
        if missing == n and n_tried >= _MAX_WITHOUT_ONE:
            raise SettingError(
                f"none of {n_tried} mazes of size {size} and open_fraction {open_fraction} is in {split!r}; "
                "ask for a larger size or a smaller open_fraction"
            )
    return np.concatenate(found)


def in_split(walls: NDArray[np.bool_], split: str) -> NDArray[np.bool_]:
    """Return which mazes belong to a split; each belongs to one.

    Parameters
    ----------
    walls : bool[n, size, size]
    split : of `SPLITS`

    Returns
    -------
    bool[n]

    Raises
    ------
    SettingError : a split that there is not.

    Examples
    --------
    >>> walls = mazes(0, 3, size=7, split="held_out")
    >>> in_split(walls, "held_out").tolist(), in_split(walls, "train").tolist()
    ([True, True, True], [False, False, False])
    """
    if split not in SPLITS:
        raise SettingError(f"split {split!r} was asked for; choose from {', '.join(SPLITS)}")
    low, high = SPLITS[split]
    packed = np.packbits(walls.reshape(len(walls), -1), axis=1)
    words = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8))).view("<u8")
    bits = np.full(len(walls), walls.shape[1], np.uint64)
    for word in words.T:
        bits = mix(bits ^ word)
    place = uniforms_of_bits(0, "maze splits", bits)
    return (low <= place) & (place < high)


def distinct(walls: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Leave out mazes that came before: of small ones there are few.

    Parameters
    ----------
    walls : bool[n, size, size]

    Returns
    -------
    bool[m, size, size], in order of their first places

    Notes
    -----
    O(n log n) comparisons of mazes.

    Examples
    --------
    >>> distinct(np.repeat(mazes(0, 2), 3, axis=0)).shape
    (2, 11, 11)
    """
    _, first = np.unique(
        walls.reshape(len(walls), walls.shape[1] * walls.shape[2]), axis=0, return_index=True
    )
    return walls[np.sort(first)]


def check_mazes(walls: NDArray[np.bool_]) -> None:
    """Require square mazes whose border is wall.

    Parameters
    ----------
    walls : bool[n, size, size]

    Raises
    ------
    ArrayError : another shape or dtype, no maze, or a gap in a border.

    Examples
    --------
    >>> check_mazes(np.ones((1, 3, 3), bool))
    """
    if walls.dtype != np.bool_ or walls.ndim != 3 or walls.shape[1] != walls.shape[2] or not walls.size:
        raise ArrayError(
            f"walls are {walls.dtype}{list(walls.shape)}; give bool[n, size, size], n at least 1"
        )
    closed = walls[:, (0, -1)].all(axis=(1, 2)) & walls[:, :, (0, -1)].all(axis=(1, 2))
    if not closed.all():
        first = int(np.argmin(closed))
        raise ArrayError(
            f"the border of maze {first} has a gap; make its first and last rows and columns wall"
        )


def _check(n: int, size: int, open_fraction: float, split: str) -> None:
    """Require settings that mazes can be drawn by."""
    if n < 0:
        raise SettingError(f"{n} mazes were asked for; ask for 0 or more")
    if size < MIN_SIZE or size % 2 == 0:
        raise SettingError(f"mazes of size {size} were asked for; give an odd size of at least {MIN_SIZE}")
    if not 0 <= open_fraction <= 1:
        raise SettingError(f"open_fraction {open_fraction} was asked for; give 0 to 1")
    if split not in SPLITS:
        raise SettingError(f"split {split!r} was asked for; choose from {', '.join(SPLITS)}")


def _draw(
    stream: np.random.Generator, n: int, size: int, open_fraction: float, room: bool
) -> NDArray[np.bool_]:
    """Draw mazes of whatever split. Each takes as many numbers of the stream, whatever becomes of it."""
    rooms = size // 2
    walls = np.ones((n, size, size), np.bool_)
    tree = rooms * rooms  # the first room, then one choice for each other
    drawn = stream.random((n, tree + 2 * rooms * (rooms - 1) + 2))
    compiled(_carve)(drawn[:, :tree], walls)
    parting = np.zeros((size, size), np.bool_)
    parting[1:-1:2, 2:-1:2] = parting[2:-1:2, 1:-1:2] = True
    walls[:, parting] &= drawn[:, tree:-2] >= open_fraction
    if room:
        top, left = (2 * np.floor(drawn[:, -2:].T * (rooms - 1)).astype(np.int64) + 1)[:, :, None]
        square = np.arange(3)
        walls[np.arange(n)[:, None, None], (top + square)[:, :, None], (left + square)[:, None, :]] = False
    return walls


def _carve(drawn: NDArray[np.float64], walls: NDArray[np.bool_]) -> None:
    """Clear the rooms of solid mazes and the walls along a depth-first tree, in place."""
    size = walls.shape[1]
    rooms = size // 2
    path = np.empty((rooms * rooms, 2), np.int64)
    for i in range(len(walls)):
        first = int(drawn[i, 0] * rooms * rooms)
        path[0, 0], path[0, 1] = 2 * (first % rooms) + 1, 2 * (first // rooms) + 1
        walls[i, path[0, 1], path[0, 0]] = False
        length, used = 1, 1
        while length > 0:
            x, y = path[length - 1, 0], path[length - 1, 1]
            n_ways = 0
            for heading in range(4):
                to_x, to_y = x + 2 * DX[heading], y + 2 * DY[heading]
                if 0 < to_x < size and 0 < to_y < size and walls[i, to_y, to_x]:
                    n_ways += 1
            if n_ways == 0:
                length -= 1
                continue
            way = int(drawn[i, used] * n_ways)
            used += 1
            for heading in range(4):
                to_x, to_y = x + 2 * DX[heading], y + 2 * DY[heading]
                if 0 < to_x < size and 0 < to_y < size and walls[i, to_y, to_x]:
                    if way == 0:
                        walls[i, y + DY[heading], x + DX[heading]] = False
                        walls[i, to_y, to_x] = False
                        path[length, 0], path[length, 1] = to_x, to_y
                        length += 1
                        break
                    way -= 1

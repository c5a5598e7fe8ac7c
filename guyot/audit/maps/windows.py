"""Windows: the cells around an agent, whether each is a wall, and what the agent can know of it.

What a probe is to read from an agent's memory. The agent senses no wall, so it can know a cell only by having
stood on it or bumped into it; the masks say which cells those are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.navigation.walks import Walk, ahead, poses

REACH = 3  # cells on each side of the agent
WIDTH = 2 * REACH + 1
OLD_AFTER = 8  # actions
_NEVER, _CELLS_AT_ONCE = -1, 5_000_000  # so that memory does not grow with the moments


@dataclass(frozen=True)
class Windows:
    """The cells around the agent at m moments, north up, row by row: the middle one is its own.

    is_wall : bool[m, 49]
    explored : bool[m, 49], it has stood on the cell or bumped into it
    old : bool[m, 49], explored, and for 8 actions at least neither stood on nor bumped into again
    near : bool[m, 49], at most one cell, diagonals too, from where it has stood; not on the border

    The goal is in no mask: an agent is told where it is.
    """

    is_wall: NDArray[np.bool_]
    explored: NDArray[np.bool_]
    old: NDArray[np.bool_]
    near: NDArray[np.bool_]


def windows(
    walks: Sequence[Walk], of_walk: NDArray[np.int64], moment: NDArray[np.int64], reach: int = REACH
) -> Windows:
    r"""Look at the cells around an agent, at some moments of its walks.

    Parameters
    ----------
    walks : in mazes of any sizes
    of_walk : int64[m], which walk
    moment : int64[m], after how many of its actions, 0 to their number
    reach : cells on each side

    Returns
    -------
    Masks of (2 x reach + 1)^2 columns; of cells outside of the maze all are False

    Raises
    ------
    ValueError : a moment that its walk does not have.

    Notes
    -----
    O(m x (cells of a maze + actions)), a block of moments at a time: some 200 MB.

    Examples
    --------
    >>> from guyot.navigation.walks import parse_walk
    >>> walk = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 S goal 3,1\nBLFF")
    >>> seen = windows([walk], np.array([0]), np.array([1]), reach=1)
    >>> seen.is_wall.reshape(3, 3).astype(int).tolist()
    [[1, 1, 1], [1, 0, 0], [1, 1, 1]]
    >>> seen.explored.reshape(3, 3).astype(int).tolist()
    [[0, 0, 0], [0, 1, 0], [0, 1, 0]]
    """
    lengths = np.array([len(walk.actions) for walk in walks], np.int64)
    wrong = np.flatnonzero((moment < 0) | (moment > lengths[of_walk]))
    if len(wrong):
        first = int(wrong[0])
        raise ValueError(
            f"moment {int(moment[first])} of walk {int(of_walk[first])} was asked for; it has "
            f"{int(lengths[of_walk[first]])} actions"
        )
    layers = [np.zeros((len(moment), (2 * reach + 1) ** 2), bool) for _ in range(4)]
    sizes = np.array([len(walk.walls) for walk in walks], np.int64)
    for size in np.unique(sizes):
        every = np.flatnonzero(sizes[of_walk] == size)
        at_once = max(1, _CELLS_AT_ONCE // int(size) ** 2)
        for begin in range(0, len(every), at_once):
            rows = every[begin : begin + at_once]
            used, place = np.unique(of_walk[rows], return_inverse=True)
            numbers: list[int] = used.tolist()
            found = _of_one_size([walks[i] for i in numbers], place, moment[rows], int(size), reach)
            for layer, cells in zip(layers, found, strict=True):
                layer[rows] = cells
    return Windows(*layers)


def _of_one_size(
    walks: Sequence[Walk], of_walk: NDArray[np.int64], moment: NDArray[np.int64], size: int, reach: int
) -> list[NDArray[np.bool_]]:
    """Look at the cells around the agent where all mazes have one size; the fields of Windows in order."""
    walls = np.array([walk.walls for walk in walks], bool)
    stood, bumped, places = _evidence(walks, of_walk, moment, size)
    last = np.maximum(stood, bumped)
    goals = np.array([walk.goal for walk in walks], np.int64)[of_walk]
    last[np.arange(len(moment)), goals[:, 1], goals[:, 0]] = _NEVER
    is_old = (last >= 0) & (last <= (moment - OLD_AFTER)[:, None, None])
    near = _grown(stood >= 0)
    near[:, [0, -1], :], near[:, :, [0, -1]] = False, False
    near[np.arange(len(moment)), goals[:, 1], goals[:, 0]] = False
    return [_cut(layer, places, reach) for layer in (walls[of_walk], last >= 0, is_old, near)]


def _evidence(
    walks: Sequence[Walk], of_walk: NDArray[np.int64], moment: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return when each cell was stood on and bumped into last, [m, size, size], -1: never; and places."""
    stood, bumped = (np.full((len(moment), size, size), _NEVER, np.int64) for _ in range(2))
    places = np.zeros((len(moment), 2), np.int64)
    walked = [poses(walk).astype(np.int64) for walk in walks]
    order = np.argsort(of_walk, kind="stable")
    ends = np.searchsorted(of_walk[order], np.arange(len(walks) + 1))
    for number, (walk, pose) in enumerate(zip(walks, walked, strict=True)):
        rows = order[ends[number] : ends[number + 1]]
        if not len(rows):
            continue
        places[rows] = pose[moment[rows], :2]
        row, time = np.nonzero(np.arange(len(pose)) <= moment[rows, None])
        np.maximum.at(stood, (rows[row], pose[time, 1], pose[time, 0]), time)
        hits = np.flatnonzero(walk.bumps)
        front = ahead(pose[hits].astype(np.int16)).astype(np.int64)
        row, hit = np.nonzero(hits < moment[rows, None])  # known from the observation after it
        np.maximum.at(bumped, (rows[row], front[hit, 1], front[hit, 0]), hits[hit] + 1)
    return stood, bumped, places


def _grown(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Add to the cells of each [size, size] their eight neighbours."""
    wide = np.pad(cells, ((0, 0), (1, 1), (1, 1)))
    across = wide[:, :, :-2] | wide[:, :, 1:-1] | wide[:, :, 2:]
    return across[:, :-2] | across[:, 1:-1] | across[:, 2:]


def _cut(layer: NDArray[np.bool_], places: NDArray[np.int64], reach: int) -> NDArray[np.bool_]:
    """Cut the window around each place; False outside."""
    wide = np.pad(layer, ((0, 0), (reach, reach), (reach, reach)))
    offsets = np.arange(2 * reach + 1)
    row = places[:, 1, None, None] + offsets[:, None]
    column = places[:, 0, None, None] + offsets
    return wide[np.arange(len(places))[:, None, None], row, column].reshape(len(places), len(offsets) ** 2)

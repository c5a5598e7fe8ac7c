"""Numbers of walks: how long they are, what was done, and how near to the shortest way they came."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.navigation.geodesics import geodesics
from guyot.navigation.scores import spl
from guyot.navigation.walks import FORWARD, Walk, poses


@dataclass(frozen=True)
class WalkSignals:
    """Numbers of n walks.

    steps : int64[n], actions
    moves : int64[n], steps forward that moved
    bumps : int64[n], steps forward that hit a wall
    turns : int64[n]
    cells : int64[n], different cells it stood on, the start included
    reached_goal : bool[n], whether the walk ends at its goal
    geodesic : int64[n], moves of the shortest way from start to goal in its maze; -1: none leads there
    spl : float64[n], geodesic / max(moves, geodesic) where the goal was reached, else 0
    maze_size : int64[n], cells along a side, the border included
    """

    steps: NDArray[np.int64]
    moves: NDArray[np.int64]
    bumps: NDArray[np.int64]
    turns: NDArray[np.int64]
    cells: NDArray[np.int64]
    reached_goal: NDArray[np.bool_]
    geodesic: NDArray[np.int64]
    spl: NDArray[np.float64]
    maze_size: NDArray[np.int64]


def walk_signals(walks: Sequence[Walk]) -> WalkSignals:
    r"""Measure walks.

    Parameters
    ----------
    walks : n, in mazes of any sizes

    Notes
    -----
    O(cells of the mazes + actions). Success weighted by path length is that of Anderson et al. 2018
    (arXiv:1807.06757); turns and bumps are no moves.

    Examples
    --------
    >>> from guyot.navigation.walks import parse_walk
    >>> found = walk_signals([parse_walk("maze 5x5 fc7b1f80\nstart 1,1 E goal 3,3\nFLBRFRFF")])
    >>> found.moves.tolist(), found.bumps.tolist(), found.geodesic.tolist(), found.spl.tolist()
    ([4], [1], [4], [1.0])
    """
    walked = [poses(walk)[:, :2] for walk in walks]
    moves = np.array([int(((w.actions == FORWARD) & ~w.bumps).sum()) for w in walks], np.int64)
    bumps = np.array([int(w.bumps.sum()) for w in walks], np.int64)
    steps = np.array([len(w.actions) for w in walks], np.int64)
    goals = np.array([w.goal for w in walks], np.int64).reshape(len(walks), 2)
    ends = np.array([at[-1] for at in walked], np.int64).reshape(len(walks), 2)
    reached = (ends == goals).all(axis=1)
    geodesic = _geodesics(walks)
    return WalkSignals(
        steps, moves, bumps, steps - moves - bumps,
        np.array([len(np.unique(at, axis=0)) for at in walked], np.int64),
        reached, geodesic, spl(reached, moves, np.maximum(geodesic, 1)),
        np.array([len(w.walls) for w in walks], np.int64),
    )  # fmt: skip


def _geodesics(walks: Sequence[Walk]) -> NDArray[np.int64]:
    """Measure the shortest ways, the mazes of one size together: int64[n]."""
    found = np.zeros(len(walks), np.int64)
    sizes = np.array([len(walk.walls) for walk in walks])
    for size in np.unique(sizes).tolist():
        rows = np.flatnonzero(sizes == size)
        some = [walks[row] for row in rows.tolist()]
        starts, goals = (np.array([getattr(walk, name) for walk in some]) for name in ("start", "goal"))
        found[rows] = geodesics(np.stack([walk.walls for walk in some]), np.arange(len(some)), starts, goals)
    return found

"""Drawings of a decoded map beside the truth, as SVG of nothing but numbers."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from guyot.navigation.drawing import CELL, GAP, PAPER, WALL, svg_of, walk_content
from guyot.navigation.walks import Walk, poses

_UNKNOWN, _WRONG, _AGENT = "#e9e4d8", "#d1242f", "#ed7953"
_EVEN = 0.5  # odds at which a cell is read as a wall


def drawn_maps(
    walk: Walk,
    moments: Sequence[int],
    wall_probability: NDArray[np.floating],
    is_near: NDArray[np.bool_],
    side: int = 120,
) -> str:
    r"""Draw moments of a walk side by side: above the walk so far, below what was read of its maze.

    A cell that was read is white where it is taken for free and dark where for a wall; a red dot marks what
    is read wrong, and an orange one the agent. What the agent cannot know is sand-coloured.

    Parameters
    ----------
    moments : m of them, after how many actions
    wall_probability : float[m, c], of a square of cells around the agent, north up, row by row
    is_near : bool[m, c], which of them are drawn
    side : pixels along a side of each drawing

    Examples
    --------
    >>> from guyot.navigation.walks import parse_walk
    >>> walk = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 E goal 3,3\nFFBRFF")
    >>> svg = drawn_maps(walk, [3, 6], np.full((2, 9), 0.9), np.ones((2, 9), bool))
    >>> svg.count("<svg"), 'viewBox="0 0 116 116"' in svg
    (1, True)
    """
    wide = len(walk.walls) * CELL + GAP
    drawn: list[str] = []
    for column, moment in enumerate(moments):
        so_far = dataclasses.replace(walk, actions=walk.actions[:moment], bumps=walk.bumps[:moment])
        below = _read(walk, poses(so_far)[-1, :2], wall_probability[column], is_near[column])
        drawn += [_at(column * wide, 0, walk_content(so_far)), _at(column * wide, wide, below)]
    n = len(moments)
    return svg_of(n * wide, 2 * wide, n * side, 2 * side, "".join(drawn))


def _at(x: int, y: int, content: str) -> str:
    """Move a drawing."""
    return f'<g transform="translate({x} {y})">{content}</g>'


def _read(
    walk: Walk, place: NDArray[np.int16], probability: NDArray[np.floating], is_near: NDArray[np.bool_]
) -> str:
    """Draw what was read around a place."""
    size, reach = len(walk.walls), round(len(probability) ** 0.5) // 2
    x, y = (int(value) for value in place)
    parts = [f'<rect width="{size * CELL}" height="{size * CELL}" fill="{_UNKNOWN}"/>']
    wrong: list[str] = []
    for cell in np.flatnonzero(is_near).tolist():
        row, column = y + cell // (2 * reach + 1) - reach, x + cell % (2 * reach + 1) - reach
        if not (0 <= row < size and 0 <= column < size):
            continue
        value = float(probability[cell])
        left, top = column * CELL, row * CELL
        parts.append(f'<path fill="{_shade(value)}" d="M{left} {top}h{CELL}v{CELL}h-{CELL}z"/>')
        if (value > _EVEN) != bool(walk.walls[row, column]):
            wrong.append(_dot(column, row, 1.6, _WRONG))
    return "".join([*parts, *wrong, _dot(x, y, 2.6, _AGENT)])


def _dot(column: int, row: int, radius: float, colour: str) -> str:
    """Draw a dot in the middle of a cell."""
    x, y = column * CELL + CELL // 2, row * CELL + CELL // 2
    return f'<circle cx="{x}" cy="{y}" r="{radius:g}" fill="{colour}"/>'


def _shade(probability: float) -> str:
    """Mix the colours of a free cell and a wall."""
    free, wall = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in (PAPER, WALL))
    mixed = free + (wall - free) * min(max(probability, 0.0), 1.0)
    return "#" + "".join(f"{round(value):02x}" for value in mixed.tolist())

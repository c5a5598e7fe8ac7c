"""Drawings of walks in their mazes, as SVG of nothing but numbers: no text of a walk is in them."""

import base64
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from guyot.navigation.walks import FORWARD, STEPS, Walk, poses

CELL = 10  # units of the drawing along a side of a cell
_LANE = 1.6  # units that the path lies to the right of the middle, so that the way back is another line
_COLOURS = np.array([[13, 8, 135], [156, 23, 158], [237, 121, 83]])  # at the start, halfway, at the end
_SHADES = 24
PAPER, WALL, _BUMP, _START, _GOAL = "#ffffff", "#4a5560", "#d1242f", "#0d0887", "#1a7f37"
_MAX_CELLS = 101  # along a side of a maze whose walls are drawn
GAP = 8  # units between two drawings of a strip


def drawn_walk(walk: Walk, side: int = 192) -> str:
    r"""Draw a walk in its maze: walls grey, the path from blue at its start to orange at its end, bumps red.

    Parameters
    ----------
    side : pixels along a side, in a page that says nothing else

    Notes
    -----
    The triangle stands at the start and shows the heading, the ring is the goal. The path keeps to the right
    of the middle, as on a road, so that a way that was gone back is seen as two lines. O(cells + actions).
    Of a maze of more than 101 x 101 cells the border is drawn alone: at this size walls are not seen, and a
    page of them would be megabytes.

    Examples
    --------
    >>> from guyot.navigation.walks import parse_walk
    >>> svg = drawn_walk(parse_walk("maze 5x5 fc7b1f80\nstart 1,1 E goal 3,3\nFFBRFF"))
    >>> svg.startswith("<svg xmlns="), svg.count("<svg"), 'viewBox="0 0 50 50"' in svg
    (True, 1, True)
    """
    size = len(walk.walls) * CELL
    return svg_of(size, size, side, side, walk_content(walk))


def drawn_strip(walks: Sequence[Walk], columns: int = 8, side: int = 120) -> str:
    """Draw walks side by side, row by row.

    Parameters
    ----------
    columns : in a row
    side : pixels along a side of each
    """
    cell = max((len(walk.walls) for walk in walks), default=1) * CELL + GAP
    n_columns, n_rows = max(1, min(columns, len(walks))), -(-len(walks) // columns)
    parts = [
        f'<g transform="translate({number % columns * cell} {number // columns * cell})">'
        f"{walk_content(walk)}</g>"
        for number, walk in enumerate(walks)
    ]
    return svg_of(n_columns * cell, n_rows * cell, n_columns * side, n_rows * side, "".join(parts))


def svg_data_uri(svg: str) -> str:
    """Return a drawing as a URI for an image of a page; a browser runs nothing that is in it.

    Examples
    --------
    >>> svg_data_uri("<svg/>")
    'data:image/svg+xml;base64,PHN2Zy8+'
    """
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def svg_of(width: int, height: int, pixels_wide: int, pixels_high: int, content: str) -> str:
    """Return a drawing with its size."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{pixels_wide}" height="{pixels_high}" '
        f'viewBox="0 0 {width} {height}">{content}</svg>'
    )


def walk_content(walk: Walk) -> str:
    """Draw what is in a maze."""
    size, walked = len(walk.walls) * CELL, poses(walk)
    middle = walked[:, :2].astype(np.float64) * CELL + CELL / 2
    return (
        f'<rect width="{size}" height="{size}" fill="{PAPER}"/>'
        f'<path fill="{WALL}" d="{_walls(walk.walls)}"/>'
        f"{_ring(walk.goal)}{_paths(walk, walked, middle)}{_bumps(walk, walked, middle)}{_arrow(walk)}"
    )


def _walls(walls: NDArray[np.bool_]) -> str:
    """Draw the walls, each run of a row as one rectangle; of a huge maze the border alone."""
    if len(walls) > _MAX_CELLS:
        walls = walls.copy()
        walls[1:-1, 1:-1] = False
    edges = np.diff(np.pad(walls, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    begins, ends = np.argwhere(edges == 1).tolist(), np.argwhere(edges == -1).tolist()
    return "".join(
        f"M{first * CELL} {row * CELL}H{last * CELL}V{(row + 1) * CELL}H{first * CELL}Z"
        for (row, first), (_, last) in zip(begins, ends, strict=True)
    )


def _paths(walk: Walk, walked: NDArray[np.int16], middle: NDArray[np.float64]) -> str:
    """Draw the moves, those of about the same time as one line of one colour."""
    n_actions = len(walk.actions)
    moves = np.flatnonzero((walk.actions == FORWARD) & ~walk.bumps)
    heading = walked[moves, 2]
    lane = STEPS[(heading + 1) % len(STEPS)] * _LANE  # to the right of where it goes
    points = np.stack([middle[moves] + lane, middle[moves + 1] + lane], axis=1).reshape(-1, 2)
    shades = moves * _SHADES // max(n_actions, 1)
    drawn: list[str] = []
    for shade in np.unique(shades).tolist():
        own = np.flatnonzero(shades == shade)
        first = max(0, 2 * int(own[0]) - 1)  # from where the line before it ended
        line = " ".join(f"{x:g},{y:g}" for x, y in points[first : 2 * int(own[-1]) + 2].round(1).tolist())
        drawn.append(f'<polyline stroke="{_colour(shade / (_SHADES - 1))}" points="{line}"/>')
    style = 'fill="none" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"'
    return f"<g {style}>{''.join(drawn)}</g>"


def _bumps(walk: Walk, walked: NDArray[np.int16], middle: NDArray[np.float64]) -> str:
    """Draw a bar where it bumped, at the edge of the wall; of several at one place one."""
    at = np.flatnonzero(walk.bumps)
    step = STEPS[walked[at, 2]].astype(np.float64)
    edge, along = middle[at] + step * (CELL / 2 - 0.8), np.abs(step[:, ::-1]) * 3
    ends = np.unique(np.concatenate([edge - along, edge + along], axis=1).round(1), axis=0)
    d = "".join(f"M{x:g} {y:g}L{a:g} {b:g}" for x, y, a, b in ends.tolist())
    return f'<path stroke="{_BUMP}" stroke-width="1.8" stroke-linecap="round" d="{d}"/>' if d else ""


def _ring(goal: tuple[int, int]) -> str:
    """Draw the goal."""
    x, y = goal[0] * CELL + CELL / 2, goal[1] * CELL + CELL / 2
    return f'<circle cx="{x:g}" cy="{y:g}" r="3.6" fill="#dafbe1" stroke="{_GOAL}" stroke-width="1.6"/>'


def _arrow(walk: Walk) -> str:
    """Draw the start, pointing where it was headed."""
    x, y = walk.start[0] * CELL + CELL / 2, walk.start[1] * CELL + CELL / 2
    return (
        f'<path fill="{_START}" transform="translate({x:g} {y:g}) rotate({90 * walk.heading})" '
        'd="M0 -3.8L3 2.8H-3Z"/>'
    )


def _colour(share: float) -> str:
    """Return the colour of a time, 0 at the start to 1 at the end."""
    place = share * (len(_COLOURS) - 1)
    lower = min(int(place), len(_COLOURS) - 2)
    mixed = _COLOURS[lower] + (_COLOURS[lower + 1] - _COLOURS[lower]) * (place - lower)
    return "#" + "".join(f"{round(value):02x}" for value in mixed.tolist())

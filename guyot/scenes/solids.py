"""Closed solids as vertices and triangles: boxes, surfaces of revolution, tubes, prisms."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating[Any]]


@dataclasses.dataclass(frozen=True)
class Solid:
    """A surface without a border, z up; its triangles are counterclockwise seen from outside.

    vertices : float64[n, 3]
    triangles : int64[m, 3], rows of `vertices`
    """

    vertices: Points
    triangles: NDArray[np.int64]


def joined(solids: Sequence[Solid]) -> Solid:
    """Return solids side by side as one; where they overlap nothing is cut away."""
    before = np.cumsum([0, *(len(one.vertices) for one in solids)])
    return Solid(
        np.concatenate([one.vertices for one in solids]),
        np.concatenate([one.triangles + n for one, n in zip(solids, before, strict=False)]),
    )


def placed(solid: Solid, *, by: Sequence[float] = (0, 0, 0), turn: float = 0.0) -> Solid:
    """Return a solid turned by degrees about z, then moved."""
    cosine, sine = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    matrix = np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]])
    return Solid(solid.vertices @ matrix + np.asarray(by, np.float64), solid.triangles)


def normalised(solid: Solid) -> Solid:
    """Return a solid that stands on z = 0, centred in x and y, its largest side 1."""
    low, high = solid.vertices.min(0), solid.vertices.max(0)
    middle = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    return Solid((solid.vertices - middle) / (high - low).max(), solid.triangles)


def box(size: Sequence[float], centre: Sequence[float] = (0, 0, 0)) -> Solid:
    """Return a box of three sides about a centre.

    Examples
    --------
    >>> box((1, 1, 1)).triangles.shape
    (12, 3)
    """
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float64) / 2
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = [triangle for a, b, c, d in sides for triangle in ((a, b, c), (a, c, d))]
    return Solid(corners * np.asarray(size) + np.asarray(centre), np.array(triangles))


def revolved(profile: Sequence[tuple[float, float]], segments: int = 64) -> Solid:
    """Turn a profile about z.

    Parameters
    ----------
    profile : (radius, height) from the axis at the bottom, round the outside, to the axis at the top; the
        first and last radius are 0, no other is

    Examples
    --------
    >>> revolved([(0, 0), (1, 0), (0, 1)], 8).vertices.shape
    (10, 3)
    """
    angles = np.arange(segments) * (2 * np.pi / segments)
    rings = [np.stack([r * np.cos(angles), r * np.sin(angles), 0 * angles + z], 1) for r, z in profile[1:-1]]
    poles = np.array([[0, 0, profile[0][1]], [0, 0, profile[-1][1]]], np.float64)
    here, there = np.arange(segments), np.roll(np.arange(segments), -1)
    top = segments * (len(rings) - 1)
    bottom_pole, top_pole = segments * len(rings), segments * len(rings) + 1
    triangles = [
        np.stack([np.full(segments, bottom_pole), there, here], 1),
        np.stack([top + here, top + there, np.full(segments, top_pole)], 1),
    ]
    for ring in range(len(rings) - 1):
        low, high = ring * segments, (ring + 1) * segments
        triangles += [
            np.stack([low + here, low + there, high + there], 1),
            np.stack([low + here, high + there, high + here], 1),
        ]
    return Solid(np.concatenate([*rings, poles]), np.concatenate(triangles))


def tube(path: Points, radius: float, sides: int = 20, *, is_closed: bool = True) -> Solid:
    """Sweep a circle along a path, without twist; one that is not closed gets flat ends.

    Parameters
    ----------
    path : float64[n, 3], whose neighbours differ
    """
    n = len(path)
    if is_closed:
        tangents = np.roll(path, -1, 0) - np.roll(path, 1, 0)
    else:
        tangents = np.gradient(path, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    across = _parallel(tangents, is_closed=is_closed)
    third = np.cross(tangents, across)
    angles = np.arange(sides) * (2 * np.pi / sides)
    rings = path[:, None] + radius * (
        np.cos(angles)[None, :, None] * across[:, None] + np.sin(angles)[None, :, None] * third[:, None]
    )
    here, there = np.arange(sides), np.roll(np.arange(sides), -1)
    triangles: list[NDArray[np.int64]] = []
    for i in range(n if is_closed else n - 1):
        low, high = i * sides, (i + 1) % n * sides
        triangles += [
            np.stack([low + here, low + there, high + there], 1),
            np.stack([low + here, high + there, high + here], 1),
        ]
    vertices = rings.reshape(-1, 3)
    if not is_closed:
        last = (n - 1) * sides
        triangles += [
            np.stack([np.full(sides, n * sides), there, here], 1),
            np.stack([last + here, last + there, np.full(sides, n * sides + 1)], 1),
        ]
        vertices = np.concatenate([vertices, path[[0, -1]]])
    return Solid(vertices, np.concatenate(triangles))


def prism(outline: Points, height: float) -> Solid:
    """Raise an outline of the x, y plane by a height.

    Parameters
    ----------
    outline : float64[n, 2], counterclockwise, every point of which the origin sees
    """
    n = len(outline)
    here, there = np.arange(n), np.roll(np.arange(n), -1)
    bottom = np.column_stack([outline, np.zeros(n)])
    top = np.column_stack([outline, np.full(n, height)])
    triangles = [
        np.stack([here, there, n + there], 1),
        np.stack([here, n + there, n + here], 1),
        np.stack([np.full(n, 2 * n), there, here], 1),
        np.stack([np.full(n, 2 * n + 1), n + here, n + there], 1),
    ]
    ends = np.array([[0, 0, 0], [0, 0, height]], np.float64)
    return Solid(np.concatenate([bottom, top, ends]), np.concatenate(triangles))


def _parallel(tangents: Points, *, is_closed: bool) -> Points:
    """Carry a direction across a path along it; where the path closes, spread what is left of turn."""
    across = np.empty_like(tangents)
    start = np.eye(3)[np.argmin(np.abs(tangents[0]))]
    for i, tangent in enumerate(tangents):
        before = across[i - 1] if i else start
        flat = before - (before @ tangent) * tangent
        across[i] = flat / np.linalg.norm(flat)
    if not is_closed:
        return across
    end = across[-1] - (across[-1] @ tangents[0]) * tangents[0]
    end /= np.linalg.norm(end)
    turn = np.arctan2(np.cross(end, across[0]) @ tangents[0], end @ across[0])
    angles = np.arange(len(tangents)) / len(tangents) * turn
    return np.cos(angles)[:, None] * across + np.sin(angles)[:, None] * np.cross(tangents, across)

"""What a closed surface is, counted naively."""

import collections

import numpy as np

from guyot.scenes.solids import Solid


def volume(solid: Solid) -> float:
    """The signed volume: positive where triangles are counterclockwise from outside."""
    a, b, c = np.moveaxis(solid.vertices[solid.triangles], 1, 0)
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def is_closed(solid: Solid) -> bool:
    """Whether each edge has two triangles, one in each direction."""
    edges = np.concatenate([solid.triangles[:, pair] for pair in ([0, 1], [1, 2], [2, 0])])
    counts = collections.Counter(map(tuple, edges.tolist()))
    return all(n == 1 and counts[b, a] == 1 for (a, b), n in counts.items())

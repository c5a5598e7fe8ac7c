"""Counts of points in hexagons: a scatter of any number of documents as some hundred cells."""

import numpy as np
from numpy.typing import NDArray

ACROSS = 30


def hexagons(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[tuple[float, float, int]]:
    """Count points in pointed-top hexagons, ACROSS of them side by side.

    Parameters
    ----------
    x, y : float64[n], finite

    Returns
    -------
    (x and y of the centre, points), cell by cell.

    Notes
    -----
    O(n). A point belongs to the nearer of two centres, one in each of two shifted rectangular grids.

    Examples
    --------
    >>> [count for *_, count in hexagons(np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0]))]
    [2, 1]
    """
    if not len(x):
        return []
    low, span = np.array([x.min(), y.min()]), np.array([np.ptp(x), np.ptp(y)])
    step = np.where(span > 0, span, 1.0) / np.array([ACROSS, ACROSS / np.sqrt(3)])
    points = (np.stack([x, y], axis=1) - low) / step
    even, odd = np.round(points), np.round(points - 0.5) + 0.5
    far = np.array([1.0, 3.0])  # of a hexagon as wide as its grid, heights count thrice
    nearer = ((points - odd) ** 2 * far).sum(axis=1) < ((points - even) ** 2 * far).sum(axis=1)
    centres, counts = np.unique(np.where(nearer[:, None], odd, even), axis=0, return_counts=True)
    placed = centres * step + low
    return [(float(a), float(b), int(n)) for (a, b), n in zip(placed, counts, strict=True)]

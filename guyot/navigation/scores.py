"""How well tasks were walked: success, and SPL (Anderson et al. 2018, arXiv 1807.06757)."""

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError


def spl(
    success: NDArray[np.bool_], moves: NDArray[np.integer], geodesic: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Return each episode's success weighted by path length: geodesic / max(moves, geodesic), 0 on a failure.

    Parameters
    ----------
    success : bool[n]
    moves : int[n], forward moves made; bumps and turns are no moves
    geodesic : int[n], moves of the shortest way, at least 1

    Returns
    -------
    float64[n], 0 to 1; the SPL of a set of episodes is their mean

    Raises
    ------
    ArrayError : shapes that differ, a geodesic below 1, or moves below 0.

    Examples
    --------
    >>> spl(np.array([True, True, False]), np.array([8, 12, 8]), np.array([8, 8, 8])).round(3).tolist()
    [1.0, 0.667, 0.0]
    """
    if success.ndim != 1 or success.shape != moves.shape or success.shape != geodesic.shape:
        raise ArrayError(f"shapes are {success.shape}, {moves.shape} and {geodesic.shape}; give [n] of each")
    if len(success) and (geodesic.min() < 1 or moves.min() < 0):
        raise ArrayError(
            f"the least geodesic is {geodesic.min()} and the fewest moves {moves.min()}; give at least "
            "1 and 0"
        )
    return np.where(success, geodesic / np.maximum(moves, geodesic), 0.0)

"""Excursions: what an agent walked on a way that it has since come back from.

After Wijmans et al. 2023 (arXiv:2301.13261), section 4: they mark excursions by hand, and find that a place
on one is remembered worse than a place on the way that led on.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from guyot.navigation.walks import Walk, poses


def on_excursion(
    walks: Sequence[Walk], of_walk: NDArray[np.int64], moment: NDArray[np.int64], ago: int
) -> NDArray[np.bool_]:
    r"""Return whether agents had left the way, some actions before moments, and are back since.

    A place is on an excursion when there is another cell that the agent stood on before it and has stood on
    again after it, up to the moment: it lies on a loop that has closed. The cell that a loop closes at is on
    the way.

    Parameters
    ----------
    of_walk, moment : int64[m], which walk, and after how many of its actions
    ago : actions before the moment, 1 or more

    Returns
    -------
    bool[m]; False where the walk had not begun

    Notes
    -----
    O(m n) for walks of n actions.

    Examples
    --------
    >>> from guyot.navigation.walks import parse_walk
    >>> walk = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 E goal 3,3\nFFLLF")  # a cell on, another, and back
    >>> on_excursion([walk, walk], np.array([0, 1]), np.array([5, 5]), ago=2).tolist()
    [True, True]
    >>> on_excursion([walk], np.array([0]), np.array([4]), ago=1).tolist()
    [False]
    """
    cells = [_cells(walk) for walk in walks]
    found = np.zeros(len(moment), np.bool_)
    for row in range(len(moment)):
        walked, now = cells[int(of_walk[row])], int(moment[row])
        then = now - ago
        if then >= 0:
            before, after = set(walked[:then]), set(walked[then + 1 : now + 1])
            found[row] = bool((before & after) - {walked[then]})
    return found


def _cells(walk: Walk) -> list[int]:
    """Return a number for the cell of each pose."""
    walked = poses(walk).astype(np.int64)
    numbers: list[int] = (walked[:, 1] * len(walk.walls) + walked[:, 0]).tolist()
    return numbers

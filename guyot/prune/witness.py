"""Witnesses of families: where each is itself dropped, the kept document that it leads to."""

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS


def kept_witness(witness: NDArray[np.int64], kept: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Follow witnesses that were themselves dropped to the first that was kept.

    Parameters
    ----------
    witness : int64[n], rows; -1 where there is none
    kept : bool[n]

    Returns
    -------
    int64[n]; -1 where the line of witnesses ends without a kept one.

    Notes
    -----
    O(n log n): each round doubles what was followed. Lines must not be circles.

    Examples
    --------
    >>> kept_witness(np.array([-1, 0, 1]), np.array([True, False, False])).tolist()
    [-1, 0, 0]
    """
    beyond = np.append(np.where(kept, np.arange(len(kept)), witness), NO_WITNESS)
    while True:
        further = beyond[beyond]
        if (further == beyond).all():
            return np.where(witness == NO_WITNESS, NO_WITNESS, beyond[witness])
        beyond = further

"""Witnesses of families: where each is itself dropped, the kept document that it leads to."""

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS
from guyot.narrow import Rows


def kept_witness(witness: Rows, kept: NDArray[np.bool_]) -> Rows:
    """Follow witnesses that were themselves dropped to the first that was kept.

    Parameters
    ----------
    witness : int64[n] or int32[n], rows; -1 where there is none
    kept : bool[n]

    Returns
    -------
    [n] of the same type; -1 where the line of witnesses ends without a kept one.

    Notes
    -----
    O(n + w log w) for w documents with a witness: each round doubles what was followed. Lines must not be
    circles.

    Examples
    --------
    >>> kept_witness(np.array([-1, 0, 1]), np.array([True, False, False])).tolist()
    [-1, 0, 0]
    """
    rows = np.flatnonzero(witness != NO_WITNESS).astype(witness.dtype)
    nodes = np.unique(np.concatenate([rows, witness[rows]]))
    further = np.where(kept[nodes], nodes, witness[nodes])
    beyond = np.append(np.searchsorted(nodes, further), -1)  # numbers of nodes; the last is none
    beyond[:-1][further == NO_WITNESS] = -1
    while True:
        again = beyond[beyond]
        if (again == beyond).all():
            break
        beyond = again
    ends = beyond[np.searchsorted(nodes, witness[rows])]
    found = np.full_like(witness, NO_WITNESS)
    found[rows] = np.where(ends < 0, NO_WITNESS, np.append(nodes, NO_WITNESS)[ends])
    return found

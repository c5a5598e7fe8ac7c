"""How far recipes agree: on what they drop together, and on what each drops alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.stats import jaccard


@dataclass(frozen=True)
class Agreement:
    """Counts for every pair of r recipes.

    both, either : int64[r, r], documents that both drop, and that one of them does
    jaccard : float64[r, r], their ratio; nan where neither drops any
    """

    both: NDArray[np.int64]
    either: NDArray[np.int64]
    jaccard: NDArray[np.float64]


def agreement(dropped: NDArray[np.bool_]) -> Agreement:
    """Compare what recipes drop.

    Parameters
    ----------
    dropped : bool[r, n]

    Notes
    -----
    O(r^2 n), in counts that are exact.

    Examples
    --------
    >>> agreement(np.array([[True, True, False], [False, True, True]])).jaccard.tolist()
    [[1.0, 0.3333333333333333], [0.3333333333333333, 1.0]]
    """
    both = np.array([[int((one & other).sum()) for other in dropped] for one in dropped], np.int64)
    both = both.reshape(len(dropped), len(dropped))
    each = dropped.sum(axis=1)
    either = each[:, None] + each[None, :] - both
    return Agreement(both, either, jaccard(both, either))


def alone(dropped: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which documents each recipe drops that no other does.

    Parameters
    ----------
    dropped : bool[r, n]

    Returns
    -------
    bool[r, n]

    Examples
    --------
    >>> alone(np.array([[True, True, False], [False, True, True]])).tolist()
    [[True, False, False], [False, False, True]]
    """
    return dropped & (dropped.sum(axis=0) == 1)

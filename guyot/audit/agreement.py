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


def alone_by_group(
    alone: NDArray[np.bool_], group: NDArray[np.int32], n_groups: int, tokens: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count some documents, and their tokens, by their group.

    Parameters
    ----------
    alone : bool[n], such as those that one recipe drops and no other
    group : int32[n], 0 to n_groups - 1
    tokens : int64[n]

    Returns
    -------
    int64[n_groups], documents, and int64[n_groups], their tokens

    Notes
    -----
    O(n + n_groups). Sums of tokens are exact below 2^53.

    Examples
    --------
    >>> counts = alone_by_group(np.array([True, False, True]), np.array([0, 0, 2]), 3, np.array([5, 6, 7]))
    >>> [count.tolist() for count in counts]
    [[1, 0, 1], [5, 0, 7]]
    """
    rows = np.flatnonzero(alone)
    own = group[rows]
    weights = np.bincount(own, weights=tokens[rows], minlength=n_groups)
    return np.bincount(own, minlength=n_groups), weights.astype(np.int64)

"""Is a score a length in disguise? Rank correlation, and the same cut made again among equals of length.

Singh et al. 2024, Brevity is the soul of wit (arXiv:2407.00434), found that pruning by embeddings is
confounded by the length of files.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cut import share
from guyot.errors import ArrayError

N_DECILES = 10


@dataclass(frozen=True)
class Stratified:
    """A cut beside the same one made within length deciles.

    kept, dropped : Jaccard similarity of the two cuts' kept and of their dropped documents; nan where
        neither has any
    """

    kept: float
    dropped: float


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank values from 1 up; equal ones share the mean of their ranks.

    Parameters
    ----------
    values : float64[n], none nan

    Returns
    -------
    float64[n]

    Examples
    --------
    >>> ranks(np.array([5.0, 1.0, 5.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    if np.isnan(values).any():
        raise ArrayError(
            f"{int(np.isnan(values).sum())} of {len(values)} values are nan; rank the others alone"
        )
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[which]


def spearman(values: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Return the rank correlation of two columns; nan where one of them does not vary.

    Parameters
    ----------
    values, others : float64[n], none nan

    Notes
    -----
    O(n log n). Ranks of any increasing function are the same: of a length and of its logarithm.

    Examples
    --------
    >>> round(spearman(np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 9.0])), 12)
    1.0
    """
    if len(values) != len(others):
        raise ArrayError(f"columns have {len(values)} and {len(others)} rows; align them")
    if len(values) < 2:
        return float("nan")
    one, other = ranks(values), ranks(others)
    one, other = one - one.mean(), other - other.mean()
    spread = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / spread if spread else float("nan")


def length_deciles(length: NDArray[np.int64]) -> NDArray[np.int32]:
    """Put documents into tenths by length, 0 the shortest; equal lengths by row.

    Parameters
    ----------
    length : int64[n]

    Returns
    -------
    int32[n], 0 to 9

    Examples
    --------
    >>> length_deciles(np.arange(20)[::-1])[:4].tolist()
    [9, 9, 8, 8]
    """
    place = np.empty(len(length), np.int64)
    place[np.lexsort((np.arange(len(length)), length))] = np.arange(len(length))
    return (place * N_DECILES // max(1, len(length))).astype(np.int32)


def stratified(score: NDArray[np.float64], kept: NDArray[np.bool_], length: NDArray[np.int64]) -> Stratified:
    """Make a cut again within length deciles, each of which keeps the same share by the same score.

    Parameters
    ----------
    score : float64[n], higher is kept first
    kept : bool[n], the cut
    length : int64[n]

    Notes
    -----
    O(n log n). Each decile keeps the overall share of its documents, rounded down.

    Examples
    --------
    >>> size = np.arange(40)
    >>> stratified(-size.astype(float), size < 20, size).kept  # by length alone: half of it is chance
    0.3333333333333333
    """
    decile = length_deciles(length)
    again = np.zeros(len(score), np.bool_)
    for number in range(N_DECILES):
        rows = np.flatnonzero(decile == number)
        best_first = rows[np.lexsort((rows, -score[rows]))]
        again[best_first[: share(len(rows), float(kept.mean()))]] = True
    return Stratified(_jaccard(kept, again), _jaccard(~kept, ~again))


def _jaccard(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Return the share of what either holds that both hold."""
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else float("nan")

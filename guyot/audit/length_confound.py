"""How far a score follows the length: rank correlation, and the same cut made within length deciles.

Singh et al. 2024, Brevity is the soul of wit (arXiv:2407.00434), found that pruning by embeddings is
confounded by the length of files.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cut import floor_fraction
from guyot.stats import jaccard_of_masks

N_DECILES = 10


@dataclass(frozen=True)
class Stratified:
    """A cut compared with the same cut made within length deciles.

    kept, dropped : Jaccard similarity of the two cuts' kept and of their dropped documents; nan where
        neither has any
    tokens : share of the tokens that the cut keeps which the other keeps too; nan where it keeps none
    """

    kept: float
    dropped: float
    tokens: float


def drop_order(decided: NDArray[np.int16], score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Order documents, the higher the later dropped: by the step that decided, then by its score.

    Scores of two steps have no common scale: only those of one step are compared.

    Parameters
    ----------
    decided : int16[n], number of the step that dropped the document; for a kept one, of the last step
    score : float64[n], of that step, higher is kept first

    Returns
    -------
    float64[n], from 0 up; equal ones share a place; nan where the score is

    Notes
    -----
    O(n log n).

    Examples
    --------
    >>> drop_order(np.array([0, 1, 1, 1], np.int16), np.array([9.0, -2.0, -1.0, -1.0])).tolist()
    [0.0, 1.0, 2.0, 2.0]
    """
    order = np.lexsort((score, decided))
    after = np.zeros(len(score), np.bool_)
    after[1:] = (decided[order][1:] != decided[order][:-1]) | (score[order][1:] != score[order][:-1])
    place = np.empty(len(score), np.float64)
    place[order] = np.cumsum(after)
    place[np.isnan(score)] = np.nan
    return place


def length_deciles(length: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return each document's length decile, 0 the shortest; equal lengths are ordered by row.

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


def stratified(place: NDArray[np.float64], kept: NDArray[np.bool_], tokens: NDArray[np.int64]) -> Stratified:
    """Repeat a cut within length deciles, each of which keeps the same share.

    Parameters
    ----------
    place : float64[n], each document's place in the `drop_order`, the higher the earlier
    kept : bool[n], the cut
    tokens : int64[n]

    Notes
    -----
    O(n log n). Each decile keeps the overall share of its documents, rounded down. Where it must keep fewer
    than the cut does, the lowest of those that the cut keeps go; where more, the highest that it drops stay,
    so that nothing but the share of a decile makes the two differ: no tie, quota or order of its own.

    Examples
    --------
    >>> size = np.arange(40)
    >>> stratified(-size.astype(float), size < 20, size).kept  # by length alone: half of it is chance
    0.3333333333333333
    """
    decile = length_deciles(tokens)
    again = np.zeros(len(place), np.bool_)
    fraction = float(kept.mean()) if len(kept) else 0.0
    for number in range(N_DECILES):
        rows = np.flatnonzero(decile == number)
        best_first = rows[np.lexsort((rows, -place[rows], ~kept[rows]))]
        again[best_first[: floor_fraction(len(rows), fraction)]] = True
    all_tokens = int(tokens[kept].sum())
    both = int(tokens[kept & again].sum()) / all_tokens if all_tokens else float("nan")
    return Stratified(jaccard_of_masks(kept, again), jaccard_of_masks(~kept, ~again), both)

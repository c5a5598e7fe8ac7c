"""The strongest members of each group, in lists of any length, without sorting them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 1 << 20  # members that are laid out beside one another at a time


@dataclass(frozen=True)
class StrongestRecords:
    """How many records of a document are of interest.

    set_of : int[m], the set of each record
    most : of a document and a set, at least 1
    """

    set_of: NDArray[np.integer]
    most: int

    def of(
        self, document: NDArray[np.int64], record: NDArray[np.int64], *measures: NDArray[np.floating]
    ) -> NDArray[np.bool_]:
        """Choose pairs of the largest measures, of each document and set; of equal ones the first records.

        Parameters
        ----------
        document, record : int64[p], in this order
        measures : float[p] each, the one that counts most first

        Returns
        -------
        bool[p]
        """
        group = document * (int(self.set_of.max(initial=0)) + 1) + self.set_of[record]
        order = np.argsort(group, kind="stable")
        chosen = np.zeros(len(group), np.bool_)
        chosen[order] = strongest(group[order], [measure[order] for measure in measures], self.most)
        return chosen


def strongest(
    group: NDArray[np.integer], measures: Sequence[NDArray[np.floating]], most: int
) -> NDArray[np.bool_]:
    """Choose of each group the members of the largest measure; of equal ones of the next, then the first.

    Parameters
    ----------
    group : int[p], ascending
    measures : float[p] each, the one that counts most first; at least one, without NaN
    most : members that are chosen of a group, at least 1; all, where it has no more

    Returns
    -------
    bool[p]

    Notes
    -----
    O(p) for each measure, by partitions: millions of members that are all alike cost no sorting. The members
    of a group are laid out at once, those of other groups some at a time.

    Examples
    --------
    >>> group, measures = np.array([0, 0, 0, 4]), [np.array([0.5, 0.5, 1, 0]), np.array([0.1, 0.2, 0, 0])]
    >>> strongest(group, measures, 2).tolist()
    [False, True, True, True]
    """
    begins = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])
    counts = np.diff(np.append(begins, len(group)))
    chosen = np.ones(len(group), np.bool_)
    full = np.flatnonzero(counts > most)
    full = full[np.argsort(counts[full], kind="stable")]  # beside one another lie groups of like size
    while len(full):
        rows = int(np.searchsorted(np.arange(1, len(full) + 1) * counts[full], _AT_ONCE, side="right"))
        some, full = full[: max(rows, 1)], full[max(rows, 1) :]
        row = np.repeat(np.arange(len(some)), counts[some])
        column = np.arange(len(row)) - np.repeat(np.cumsum(counts[some]) - counts[some], counts[some])
        at = np.repeat(begins[some], counts[some]) + column
        shape = (len(some), int(counts[some[-1]]))
        chosen[at] = _largest(row, column, shape, [measure[at] for measure in measures], most)
    return chosen


def _largest(
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    shape: tuple[int, int],
    measures: Sequence[NDArray[np.floating]],
    most: int,
) -> NDArray[np.bool_]:
    """Choose in each row of a ragged matrix the largest: bool[p]."""
    chosen, tied = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    tied[row, column] = True
    wanted = np.full(shape[0], most)
    for measure in measures:
        values = np.full(shape, -np.inf, measure.dtype)
        values[row, column] = measure
        values[~tied] = -np.inf
        places = np.arange(shape[1] - most, shape[1])
        ranked = np.partition(values, places, axis=1)
        limit = ranked[np.arange(shape[0]), shape[1] - wanted][:, None]
        above = tied & (values > limit)
        chosen |= above
        tied &= values == limit
        wanted = most - chosen.sum(axis=1)
    chosen |= tied & (np.cumsum(tied, axis=1) <= wanted[:, None])
    return chosen[row, column]

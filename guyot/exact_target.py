"""The first documents in a line up to a target weight, exactly, without sorting the line.

One pass finds where the line begins and ends, a second adds up weights by how far along documents stand, a
third takes whole bins and leaves the one in which the target falls, which is divided again while it holds
many that differ: only the documents of the last are sorted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.narrow import Rows, row_type

_N_BINS = 1 << 12
_MOST_DIVISIONS = 8  # of a bin in which places differ by many orders of magnitude; then it is sorted
_AT_ONCE = 1 << 15  # documents
_LIMITS = np.finfo(np.float64)


@dataclass(frozen=True)
class Line:
    """Where documents stand in a line, in parts: the lower the earlier, of equals the lower row.

    places : gives float64[m] for some rows, a slice of them at a time
    alive : bool[n], the documents that stand in it
    """

    places: Callable[[slice], NDArray[np.float64]]
    alive: NDArray[np.bool_]

    def parts(self) -> Iterator[tuple[Rows, NDArray[np.float64]]]:
        """Yield the rows of those that stand in it, int32[m] or int64[m], and their places, float64[m]."""
        narrow = row_type(len(self.alive))
        for begin in range(0, max(1, len(self.alive)), _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE)
            inside = np.flatnonzero(self.alive[part])
            yield (inside + begin).astype(narrow), self.places(part)[inside]


def first_up_to(
    line: Line, weights: NDArray[np.int64], target: int, *, reach: bool = False
) -> NDArray[np.bool_]:
    """Choose the longest run from the first in a line whose weights do not pass the target.

    Parameters
    ----------
    line : n documents, none at nan
    weights : int64[n], not negative; the sum of those in line is at least the target
    target : the weight to choose, not negative
    reach : choose the one document more that reaches the target, where none meets it

    Returns
    -------
    bool[n]

    Notes
    -----
    O(n) for each time that a bin of 4,096 is divided again: until it holds 32,768 documents or fewer, or
    equals alone, and eight times at most; once or twice where places lie evenly. Beside the result memory is
    a byte for each document, and some 30 for each in the last bin, which is sorted.

    Examples
    --------
    >>> at = np.array([0.5, 0.1, 0.5, 0.2])
    >>> line = Line(at.__getitem__, np.array([True, True, True, False]))
    >>> first_up_to(line, np.ones(4, np.int64), 2).tolist()
    [True, True, False, False]
    """
    chosen = np.zeros(len(line.alive), np.bool_)
    left, (bins, n_left) = line, _Bins.of(line)
    before = 0  # weight of those that are chosen
    for _ in range(_MOST_DIVISIONS):
        if n_left <= _AT_ONCE or bins.are_equal:
            break
        before, edge = _take_whole_bins(left, bins, weights, target, before, chosen)
        left = Line(line.places, edge)
        bins, n_left = _Bins.of(left)
    _take_one_by_one(left, bins.are_equal, weights, target - before, chosen, reach=reach)
    return chosen


def _take_whole_bins(
    line: Line,
    bins: "_Bins",
    weights: NDArray[np.int64],
    target: int,
    before: int,
    chosen: NDArray[np.bool_],
) -> tuple[int, NDArray[np.bool_]]:
    """Choose all bins before the one in which the target falls; return what is chosen then, and that bin."""
    held = np.zeros(_N_BINS, np.int64)
    for rows, places in line.parts():
        np.add.at(held, bins.of_places(places), weights[rows])
    spent = np.cumsum(held)
    edge = int(np.searchsorted(spent, target - before, side="right"))  # the first bin that passes the target
    inside = np.zeros(len(chosen), np.bool_)
    for rows, places in line.parts():
        found = bins.of_places(places)
        chosen[rows[found < edge]] = True
        inside[rows[found == edge]] = True
    return before + int(spent[edge - 1] if edge else 0), inside


def _take_one_by_one(
    line: Line,
    are_equal: bool,
    weights: NDArray[np.int64],
    target: int,
    chosen: NDArray[np.bool_],
    *,
    reach: bool,
) -> None:
    """Choose from what is left of a line, of equals in the order of the rows."""
    parts = line.parts() if are_equal else [_sorted(line)]
    for rows, _ in parts:
        spent = np.cumsum(weights[rows])
        n_more = int(np.searchsorted(spent, target, side="right"))
        chosen[rows[:n_more]] = True
        target -= int(spent[n_more - 1]) if n_more else 0
        if n_more < len(rows):
            if reach and (target > 0 or not chosen.any()):
                chosen[rows[n_more]] = True
            return


def _sorted(line: Line) -> tuple[Rows, NDArray[np.float64]]:
    """Return the rows and places of a line in order."""
    rows, places = (np.concatenate(found) for found in zip(*line.parts(), strict=True))
    order = np.argsort(places, kind="stable")
    return rows[order], places[order]


@dataclass(frozen=True)
class _Bins:
    """Bins of equal width over a line; what is infinite is in the first or the last."""

    begin: float  # half of the first finite place: halves, since a difference of two places may be infinite
    per_half: float
    are_equal: bool  # whether all places are one

    @classmethod
    def of(cls, line: Line) -> "tuple[_Bins, int]":
        """Find where a line begins and ends; return how many stand in it too."""
        first, last, lowest, highest, n_in_line = np.inf, -np.inf, np.inf, -np.inf, 0
        for rows, places in line.parts():
            finite = np.isfinite(places)
            n_in_line += len(rows)
            first, last = float(places.min(initial=first)), float(places.max(initial=last))
            lowest = float(places.min(where=finite, initial=lowest))
            highest = float(places.max(where=finite, initial=highest))
        if lowest > highest:
            lowest = highest = 0.0
        width = max(highest / 2 - lowest / 2, float(_LIMITS.tiny))
        return cls(lowest / 2, min((_N_BINS - 1) / width, float(_LIMITS.max)), first == last), n_in_line

    def of_places(self, places: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the bins of places: int64[m], none lower than that of a place before it.

        Parameters
        ----------
        places : float64[m], in any order
        """
        along = places / 2
        along -= self.begin
        along *= self.per_half
        return np.clip(along, 0, _N_BINS - 1, out=along).astype(np.int64)

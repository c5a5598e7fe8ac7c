"""The first documents in a line up to a target weight, exactly, without sorting the line.

One pass finds where the line begins and ends, a second adds up weights by how far along documents stand, a
third takes whole bins and looks closer at the one in which the target falls: only its documents are sorted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.narrow import Rows, row_type

_N_BINS = 1 << 16
_AT_ONCE = 1 << 18  # documents
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
        for begin in range(0, len(self.alive), _AT_ONCE):
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
    O(n), and O(m log m) for the m documents in the bin of the target, of 65,536 bins of equal width: some
    n / 65,536 where values differ, all where all are equal. Memory beside the result is that of a part of the
    line and of these m.

    Examples
    --------
    >>> at = np.array([0.5, 0.1, 0.5, 0.2])
    >>> line = Line(at.__getitem__, np.array([True, True, True, False]))
    >>> first_up_to(line, np.ones(4, np.int64), 2).tolist()
    [True, True, False, False]
    """
    bins = _Bins.of(line)
    held = np.zeros(_N_BINS, np.int64)
    for rows, places in line.parts():
        np.add.at(held, bins.of_places(places), weights[rows])
    spent = np.cumsum(held)
    edge = int(np.searchsorted(spent, target, side="right"))  # the first bin that passes the target
    chosen = np.zeros(len(line.alive), np.bool_)
    some_rows: list[Rows] = []
    some_places: list[NDArray[np.float64]] = []
    for rows, places in line.parts():
        found = bins.of_places(places)
        chosen[rows[found < edge]] = True
        some_rows.append(rows[found == edge])
        some_places.append(places[found == edge])
    at_edge = np.concatenate(some_rows or [np.zeros(0, np.int64)])
    if not len(at_edge):  # no bin passes it
        return chosen
    nearest = at_edge[np.argsort(np.concatenate(some_places), kind="stable")]
    within = np.cumsum(weights[nearest]) + int(spent[edge] - held[edge])
    n_more = int(np.searchsorted(within, target, side="right"))
    before = int(within[n_more - 1]) if n_more else int(spent[edge] - held[edge])
    if reach and (before < target or not (n_more or chosen.any())):
        n_more += 1
    chosen[nearest[:n_more]] = True
    return chosen


@dataclass(frozen=True)
class _Bins:
    """Bins of equal width over a line; what is infinite is in the first or the last."""

    begin: float  # half of the first finite place: halves, since a difference of two places may be infinite
    per_half: float

    @classmethod
    def of(cls, line: Line) -> "_Bins":
        """Find where a line begins and ends."""
        lowest, highest = np.inf, -np.inf
        for _, places in line.parts():
            finite = np.isfinite(places)
            lowest = float(places.min(where=finite, initial=lowest))
            highest = float(places.max(where=finite, initial=highest))
        if lowest > highest:
            lowest = highest = 0.0
        width = max(highest / 2 - lowest / 2, float(_LIMITS.tiny))
        return cls(lowest / 2, min((_N_BINS - 1) / width, float(_LIMITS.max)))

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

"""Pairs of documents above a similarity, found list by list, exactly."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.narrow import Rows
from guyot.vectors.exact import ComparisonLists
from guyot.vectors.screen import UnitRows
from guyot.vectors.similar_pairs import Panel, pairs_of_panel, panels_of
from guyot.vectors.threads import in_threads

MAX_PAIRS = 50_000_000  # 12 bytes each
_Part = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]  # later, earlier, cosine
_PAIRS_AT_ONCE = 1 << 22  # that a list compares; two such results for each thread may wait


@dataclass(frozen=True)
class Pairs:
    """Pairs of documents of one list at least, each pair once.

    later, earlier : int32[p], places in the visiting order of all documents; earlier < later
    cosine : float32[p]
    """

    later: Rows
    earlier: Rows
    cosine: NDArray[np.float32]

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.cosine)

    def subset(self, chosen: NDArray[np.bool_]) -> "Pairs":
        """Return the pairs of a mask.

        Parameters
        ----------
        chosen : bool[p]
        """
        return Pairs(self.later[chosen], self.earlier[chosen], self.cosine[chosen])


def pairs_above(
    compared: ComparisonLists,
    place: Rows,
    alive: NDArray[np.bool_],
    min_cosine: float,
    *,
    later: NDArray[np.bool_] | None = None,
    block_rows: int = 1024,
) -> Pairs:
    """Find the pairs of living documents in a list with a cosine above a limit.

    Parameters
    ----------
    place : int64[n] or int32[n], each document's place in the visiting order
    alive : bool[n]
    min_cosine : pairs at it or below are left out
    later : bool[n], only pairs whose later document is one of these, such as those with a predecessor above
        the limit; None: all
    block_rows : columns per block; changes memory, never the result

    Raises
    ------
    SettingError : more than MAX_PAIRS pairs, which is what can be held at once.

    Notes
    -----
    O(m^2 d / 2) in float32 for a list of m, see `guyot.vectors.similar_pairs`; 12 bytes per pair, and 28 more
    while they are put in order.

    Examples
    --------
    >>> from guyot.vectors.exact import unit_float16
    >>> class One:
    ...     def lists(self, wanted=None):
    ...         yield np.arange(3), unit_float16(np.array([[1, 0], [1, 0], [0, 1]], np.float32))
    >>> found = pairs_above(One(), np.arange(3), np.ones(3, bool), 0.5)
    >>> found.later.tolist(), found.earlier.tolist(), found.cosine.tolist()
    ([1], [0], [1.0])
    """
    parts: list[_Part] = []
    n_pairs = 0
    for part in _similar(compared, place, alive, later, lambda: min_cosine, block_rows):
        parts.append(part)
        n_pairs += len(part[2])
        if n_pairs > MAX_PAIRS:
            raise SettingError(
                f"more than {MAX_PAIRS:,} pairs of documents have a cosine above {min_cosine:.4f}; "
                "drop copies first, with exact or minhash, or keep more, or use mode official, which "
                "holds no pairs"
            )
    return _once(parts)


def highest_pairs(
    compared: ComparisonLists,
    place: Rows,
    min_cosine: float,
    max_pairs: int,
    *,
    later: NDArray[np.bool_] | None = None,
) -> tuple[Pairs, float]:
    """Find the pairs of documents in a list above a limit, or above a higher one where they are too many.

    Parameters
    ----------
    place : int64[n] or int32[n], each document's place in the visiting order
    min_cosine : pairs at it or below are left out
    max_pairs : how many may be held at once
    later : bool[n], only pairs whose later document is one of these; None: all

    Returns
    -------
    All pairs above a limit, and this limit: `min_cosine`, or a higher one.

    Notes
    -----
    As `pairs_above`. Each time they become too many, the limit rises to their median: by how much may depend
    on the threads, what is above it never does.

    Examples
    --------
    >>> from guyot.vectors.exact import unit_float16
    >>> class One:
    ...     def lists(self, wanted=None):
    ...         yield np.arange(3), unit_float16(np.array([[1, 0], [1, 0], [0.8, 0.6]], np.float32))
    >>> found, limit = highest_pairs(One(), np.arange(3), 0.5, 2)
    >>> len(found), round(limit, 2)
    (1, 0.8)
    """
    held = _Highest(min_cosine, max_pairs)
    for part in _similar(compared, place, np.ones(len(place), np.bool_), later, lambda: held.limit, 1024):
        held.add(part)
    return _once(held.parts), held.limit


class _Highest:
    """Pairs above a limit, which rises where they become too many.

    limit : of the cosines
    parts : pairs
    """

    def __init__(self, limit: float, max_pairs: int) -> None:
        self.limit, self.parts = limit, list[_Part]()
        self._max_pairs, self._n_pairs = max_pairs, 0

    def add(self, pairs: _Part) -> None:
        """Add the pairs above the limit, and let go the lower half as often as they are too many."""
        self.parts.append(_above(pairs, self.limit))
        self._n_pairs += len(self.parts[-1][2])
        while self._n_pairs > self._max_pairs:
            cosine = np.concatenate([part[2] for part in self.parts])
            self.limit = float(np.partition(cosine, len(cosine) // 2)[len(cosine) // 2])
            self.parts = [_above(part, self.limit) for part in self.parts]
            self._n_pairs = sum(len(part[2]) for part in self.parts)


def _similar(
    compared: ComparisonLists,
    place: Rows,
    alive: NDArray[np.bool_],
    later: NDArray[np.bool_] | None,
    min_cosine: Callable[[], float],
    block_rows: int,
) -> Iterator[_Part]:
    """Yield the pairs of each list, by place; the limit is asked for when a list is read."""
    narrow = place.astype(np.int32, copy=False)

    def work() -> Iterator[Callable[[], list[_Part]]]:
        for rows, vectors in compared.lists(later):
            here = alive[rows]
            rows, vectors = (rows, vectors) if here.all() else (rows[here], vectors[here])
            every = np.arange(len(rows))
            targets = every if later is None else np.flatnonzero(later[rows])
            searched = functools.partial(_panels, vectors, targets, every, min_cosine(), block_rows)
            if len(targets) * len(rows) <= _PAIRS_AT_ONCE:  # prepared by the thread that searches it
                yield functools.partial(_of_list, narrow[rows], searched)
            else:
                for panel in searched():
                    yield functools.partial(_placed_pairs, narrow[rows], panel)

    for parts in in_threads(lambda part: part(), work()):
        yield from parts


def _panels(
    vectors: NDArray[np.float16],
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    min_cosine: float,
    block_rows: int,
) -> list[Panel]:
    """Prepare the search of a list."""
    rows = UnitRows.checked(vectors, "vectors of a list")
    return panels_of(rows, targets, sources, min_cosine, block_rows=block_rows)


def _of_list(place: NDArray[np.int32], searched: Callable[[], list[Panel]]) -> list[_Part]:
    """Find the pairs of a list that holds few."""
    return [part for panel in searched() for part in _placed_pairs(place, panel)]


def _placed_pairs(place: NDArray[np.int32], panel: Panel) -> list[_Part]:
    """Find the pairs of a panel, by place."""
    return [(place[one], place[other], cosine) for one, other, cosine in pairs_of_panel(panel)]


def _above(pairs: _Part, min_cosine: float) -> _Part:
    """Return the pairs above a limit."""
    chosen = pairs[2] > min_cosine
    return pairs[0][chosen], pairs[1][chosen], pairs[2][chosen]


def _once(parts: list[_Part]) -> Pairs:
    """Join the lists' pairs in order, each pair once."""
    none = np.zeros(0, np.int32)
    later = np.concatenate([none, *(part[0] for part in parts)])
    earlier = np.concatenate([none, *(part[1] for part in parts)])
    cosine = np.concatenate([np.zeros(0, np.float32), *(part[2] for part in parts)])
    parts.clear()
    both = later.astype(np.int64) << 32 | earlier
    order = np.argsort(both, kind="stable")
    both = both[order]
    first = np.ones(len(both), np.bool_)
    first[1:] = both[1:] != both[:-1]
    chosen = order[first]
    return Pairs(later[chosen], earlier[chosen], cosine[chosen])

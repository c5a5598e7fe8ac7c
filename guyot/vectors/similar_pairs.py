"""All pairs of stored vectors above a cosine, found by rough products and settled exactly."""

import functools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.exact import cosines
from guyot.vectors.screen import UnitRows
from guyot.vectors.threads import in_threads
from guyot.vectors.tiles import PANEL_ROWS, Tile, tiles

_PAIR_COST = 64  # a pair alone costs about as much as this many pairs of a block
SimilarPairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]


def similar_pairs(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    min_cosine: float,
    *,
    block_rows: int = 1024,
    panel_rows: int = PANEL_ROWS,
) -> Iterator[SimilarPairs]:
    """Yield the pairs of a target and a source before it that have a cosine above a limit.

    Parameters
    ----------
    targets, sources : int64[t] and int64[s], rows, each ascending
    min_cosine : pairs at it or below are left out
    block_rows : sources of a block; changes memory, never the result
    panel_rows : targets of a thread

    Yields
    ------
    later : int64[p], targets
    earlier : int64[p], sources
    cosine : float32[p]

    Notes
    -----
    O(t s d) at most in float32, half of it where targets and sources are the same, and an exact cosine for
    each pair that is found. Memory for the pairs of a few panels.

    Examples
    --------
    >>> points = UnitRows.measured(np.array([[1, 0], [0, 1], [1, 0]], np.float16))
    >>> [(later.tolist(), earlier.tolist()) for later, earlier, _ in
    ...  similar_pairs(points, np.arange(3), np.arange(3), 0.5)]
    [([2], [0])]
    """
    if not len(targets) or not len(sources):
        return
    rows.scaled(slice(0))  # before threads ask for them
    panels = [slice(begin, begin + panel_rows) for begin in range(0, len(targets), panel_rows)]
    work = functools.partial(_of_panel, rows, targets, sources, min_cosine, block_rows)
    for parts in in_threads(work, panels):
        yield from parts


def _of_panel(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    min_cosine: float,
    block_rows: int,
    panel: slice,
) -> list[SimilarPairs]:
    """Find the pairs of some targets."""
    targets = targets[panel]
    found: list[SimilarPairs] = []
    floor = np.float32(min_cosine) - rows.error
    for tile in tiles(rows, targets, sources, np.ones(len(targets), np.bool_), block_rows):
        hot = np.flatnonzero(tile.rough.max(axis=1) >= floor)
        if not len(hot):
            continue
        place, column = tile.at_least(hot, np.full(len(hot), floor))
        if len(place) * _PAIR_COST > len(hot) * tile.rough.shape[1]:
            place, column, cosine = _exact_of_block(rows, targets, sources, tile, hot, min_cosine)
        else:
            cosine = rows.pair_cosines(targets[tile.targets[hot[place]]], rows, sources[column + tile.first])
            close = cosine > min_cosine
            place, column, cosine = place[close], column[close], cosine[close]
        if len(place):
            found.append((targets[tile.targets[hot[place]]], sources[column + tile.first], cosine))
    return found


def _exact_of_block(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    tile: Tile,
    hot: NDArray[np.int64],
    min_cosine: float,
) -> SimilarPairs:
    """Compare rows of a tile exactly: places in `hot`, columns and cosines of the pairs above the limit."""
    columns = np.arange(tile.rough.shape[1])
    exact = cosines(rows.vectors[targets[tile.targets[hot]]], rows.vectors[sources[columns + tile.first]])
    place, column = np.nonzero((exact > min_cosine) & (columns < tile.n_earlier[hot][:, None]))
    return place, column, exact[place, column]

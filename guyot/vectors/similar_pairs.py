"""All pairs of stored vectors above a cosine, found by rough products and settled exactly."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.strongest import StrongestRecords
from guyot.vectors.byte_products import one_openmp_thread
from guyot.vectors.exact import cosines
from guyot.vectors.screen import UnitRows
from guyot.vectors.threads import in_threads
from guyot.vectors.tiles import Screen, Tile, Tiles, worthwhile_screen

_MIN_PANEL_ROWS = 64  # fewer slow the product
_PANEL_ROWS = 512  # all pairs of as many rows may be above the limit, and are held at once
_PAIRS_AT_ONCE = 1 << 22  # of documents and records that are held before all but the strongest are let go
_PAIR_COST = 64  # a pair alone costs about as much as this many pairs of a block
SimilarPairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]


def similar_pairs(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    min_cosine: float,
    *,
    block_rows: int = 1024,
    panel_rows: int = _PANEL_ROWS,
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
    panels = panels_of(rows, targets, sources, min_cosine, block_rows=block_rows, panel_rows=panel_rows)
    for parts in in_threads(pairs_of_panel, panels):
        yield from parts


@dataclass(frozen=True)
class Panel:
    """Some targets of a search for similar pairs, for a thread.

    targets, sources : int64[t] and int64[s], rows, each ascending
    min_cosine : pairs at it or below are left out
    screen : what is multiplied first, if that spares work
    """

    rows: UnitRows
    targets: NDArray[np.int64]
    sources: NDArray[np.int64]
    min_cosine: float
    screen: Screen | None
    block_rows: int


def panels_of(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    min_cosine: float,
    *,
    block_rows: int = 1024,
    panel_rows: int = _PANEL_ROWS,
) -> list[Panel]:
    """Divide a search for similar pairs among threads.

    Parameters
    ----------
    targets, sources : int64[t] and int64[s], rows, each ascending
    min_cosine, block_rows, panel_rows : as for `similar_pairs`
    """
    if not len(targets) or not len(sources):
        return []
    screen = worthwhile_screen(rows, targets, sources, min_cosine)
    rows.scaled(slice(0))  # before threads ask for them
    parts = [targets[begin : begin + panel_rows] for begin in range(0, len(targets), panel_rows)]
    return [Panel(rows, part, sources, min_cosine, screen, block_rows) for part in parts]


def pairs_with_records(
    rows: UnitRows,
    n_records: int,
    min_cosine: float,
    strongest: StrongestRecords | None = None,
    *,
    block_rows: int = 1024,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the pairs of a document and a record that have a cosine at or above a limit.

    Parameters
    ----------
    rows : the vectors of the records, and behind them those of the documents
    n_records : how many are records
    min_cosine : pairs below it are left out
    strongest : of each document and set the pairs of the largest cosine are enough, then the lowest record;
        None: all pairs are wanted

    Returns
    -------
    document : int64[p], numbers of the documents from 0, ascending
    record : int64[p], of each document ascending

    Notes
    -----
    With `strongest`, a few million pairs for each thread are held at most beside those that are returned, up
    to 65,000 records; beyond, 64 for each record.

    Examples
    --------
    >>> points = UnitRows.measured(np.array([[1, 0], [0, 1], [0.6, 0.8], [1, 0]], np.float16))
    >>> [column.tolist() for column in pairs_with_records(points, 2, 0.75)]
    [[0, 1], [1, 0]]
    """
    below = float(np.nextafter(np.float32(min_cosine), np.float32(-2)))  # similar_pairs leaves its limit out
    documents, records = np.arange(n_records, len(rows)), np.arange(n_records)
    panel_rows = max(_MIN_PANEL_ROWS, min(_PANEL_ROWS, _PAIRS_AT_ONCE // max(1, n_records)))
    none = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
    waiting, n_waiting, most = [none], 0, _PAIRS_AT_ONCE
    for found in similar_pairs(rows, documents, records, below, block_rows=block_rows, panel_rows=panel_rows):
        waiting.append(found)
        n_waiting += len(found[0])
        if n_waiting > most:
            waiting = [_left_of(waiting, strongest)]
            n_waiting = len(waiting[0][0])
            most = max(_PAIRS_AT_ONCE, 2 * n_waiting)
    later, record, _ = _left_of(waiting, strongest)
    return later - n_records, record


def _left_of(parts: list[SimilarPairs], strongest: StrongestRecords | None) -> SimilarPairs:
    """Put pairs in order, and leave of each target the strongest."""
    later, record, cosine = map(np.concatenate, zip(*parts, strict=True))
    order = np.argsort(later * (int(record.max(initial=0)) + 1) + record)  # each pair once
    later, record, cosine = later[order], record[order], cosine[order]
    if strongest is None:
        return later, record, cosine
    best = strongest.of(later, record, cosine)
    return later[best], record[best], cosine[best]


@one_openmp_thread()
def pairs_of_panel(panel: Panel) -> list[SimilarPairs]:
    """Find the pairs of a panel: as `similar_pairs` yields them."""
    tiles = Tiles(panel.rows, panel.targets, panel.sources, panel.screen, panel.block_rows)
    found: list[SimilarPairs] = []
    for tile in tiles:
        for row, column, cosine in _of_tile(tiles, tile, panel.min_cosine):
            close = cosine > panel.min_cosine
            if close.any():
                target, source = tile.targets[row[close]], column[close] + tile.first
                found.append((tiles.targets[target], tiles.sources[source], cosine[close]))
    return found


def _of_tile(tiles: Tiles, tile: Tile, min_cosine: float) -> Iterator[SimilarPairs]:
    """Yield (rows of the tile, columns, exact cosines) of all pairs that may be above the limit."""
    rows, floor = tiles.rows, np.float32(min_cosine) - tile.error
    if tile.is_screen:
        row, column = tile.at_least(np.full(len(tile.rough), floor))
        is_wide = tiles.worth_widening(row, tile)
        if is_wide.any():
            wide = np.flatnonzero(is_wide)
            for place, at, cosine in _of_tile(tiles, tiles.widened(tile, wide), min_cosine):
                yield wide[place], at, cosine
            few = ~is_wide[row]
            row, column = row[few], column[few]
        if len(row):
            rough = tiles.rough_pairs(tile, row, column)
            left = rough >= np.float32(min_cosine) - rows.error
            row, column = row[left], column[left]
    else:
        is_hot = tile.highest() >= floor
        row, column = tile.at_least(np.where(is_hot, floor, np.inf))
        hot = np.flatnonzero(is_hot)
        if len(row) * _PAIR_COST > len(hot) * tile.rough.shape[1]:
            yield _exact_of_block(tiles, tile, hot)
            return
    if len(row):
        target, source = tiles.targets[tile.targets[row]], tiles.sources[column + tile.first]
        yield row, column, rows.pair_cosines(target, rows, source)


def _exact_of_block(tiles: Tiles, tile: Tile, hot: NDArray[np.int64]) -> SimilarPairs:
    """Compare rows of a tile exactly with all sources before them."""
    columns = np.arange(int(tile.rough.shape[1]))
    vectors = tiles.rows.vectors
    exact = cosines(vectors[tiles.targets[tile.targets[hot]]], vectors[tiles.sources[columns + tile.first]])
    place, column = np.nonzero(columns < tile.n_earlier[hot][:, None])
    return hot[place], column, exact[place, column]

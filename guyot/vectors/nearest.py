"""The nearest of stored vectors, found by rough products and settled exactly.

All of it in three steps: a block is multiplied in float32; a proven bound on what that rounds tells which
pairs may be the answer; these alone are multiplied exactly, as in `guyot.vectors.exact`. So the results
are those of an exact search, to the bit, whatever the blocks, the threads and the processor.
"""

import functools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.exact import cosines, float32_of
from guyot.vectors.rotation import Heads, worthwhile_heads
from guyot.vectors.screen import UnitRows
from guyot.vectors.threads import in_threads
from guyot.vectors.tiles import NO_COSINE, PANEL_ROWS, Tile, Tiles

NOTHING = -1
HIGHEST_COSINE = np.float32(1)
_PAIR_COST = 64  # a pair alone costs about as much as this many pairs of a block
_ROUGH_ELEMENTS = 1 << 19  # of a block of rows and centroids
Found = tuple[NDArray[np.float32], NDArray[np.int64]]
Candidates = tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]


def nearest_two(rows: UnitRows, centroids: UnitRows, *, block_rows: int = PANEL_ROWS) -> tuple[Found, Found]:
    """Find the nearest and the second nearest of a few vectors, for each of many.

    Parameters
    ----------
    rows : n rows
    centroids : k rows of the same width, one at least
    block_rows : rows that a thread works on at a time; changes memory, never the result

    Returns
    -------
    (float32[n], int64[n]) twice: cosine and number of the nearest, and of the second; ties go to the
    lower number. With a single centroid there is no second: -inf and -1.

    Notes
    -----
    O(n k d) in float32, and two exact cosines for each row. Rows whose third nearest is as near as the second
    within the rounding error are compared exactly with all centroids.

    Examples
    --------
    >>> points = UnitRows.measured(np.array([[1, 0], [0.6, 0.8]], np.float16))
    >>> nearest_two(points, UnitRows.measured(np.eye(2, dtype=np.float16)))[0][1].tolist()
    [0, 1]
    """
    centroids.scaled(slice(0))  # before threads ask for them
    wide = float32_of(centroids.vectors).astype(np.float64)
    begins = range(0, len(rows), block_rows)
    blocks = [slice(begin, min(begin + block_rows, len(rows))) for begin in begins]
    parts = list(in_threads(functools.partial(_two_of_block, rows, centroids, wide), blocks))
    none = (np.zeros(0, np.float32), np.zeros(0, np.int64))
    values = [np.concatenate([none[0], *(part[i][0] for part in parts)]) for i in (0, 1)]
    numbers = [np.concatenate([none[1], *(part[i][1] for part in parts)]) for i in (0, 1)]
    return (values[0], numbers[0]), (values[1], numbers[1])


def _two_of_block(
    rows: UnitRows, centroids: UnitRows, wide: NDArray[np.float64], block: slice
) -> tuple[Found, Found]:
    """Find the two nearest centroids of some rows, part by part."""
    n_rows, n_centroids = block.stop - block.start, len(centroids)
    value = np.full((2, n_rows), NO_COSINE)
    number = np.full((2, n_rows), NOTHING)
    right = centroids.scaled(slice(None))
    step = max(1, min(n_rows, _ROUGH_ELEMENTS // n_centroids))
    buffer = np.empty(step * n_centroids, np.float32)
    for begin in range(0, n_rows, step):
        some = slice(block.start + begin, min(block.start + begin + step, block.stop))
        part = slice(begin, begin + some.stop - some.start)
        exact = float32_of(rows.vectors[some])
        left = exact * (1 / rows.lengths[some]).astype(np.float32)[:, None]
        rough = buffer[: len(left) * n_centroids].reshape(len(left), n_centroids)
        np.matmul(left, right.T, out=rough)
        in_doubt = _rough_two(rough, rows.error, number[:, part])
        wide_rows = exact.astype(np.float64)
        for place in range(min(2, n_centroids)):
            chosen = number[place, part]
            products = np.vecdot(wide_rows, wide[chosen])
            products /= rows.lengths[some] * centroids.lengths[chosen]
            value[place, part] = products
        _order(value[:, part], number[:, part])
        if len(in_doubt):
            settled = in_doubt + begin
            value[:, settled], number[:, settled] = _exact_two(rows, centroids, in_doubt + some.start)
    return (value[0], number[0]), (value[1], number[1])


def _rough_two(rough: NDArray[np.float32], error: np.float32, number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Write the two largest of each row into `number`, and return the rows where a third may be larger."""
    each = np.arange(len(rough))
    number[0] = rough.argmax(axis=1)
    if rough.shape[1] < 3:
        number[1] = 1 - number[0] if rough.shape[1] == 2 else NOTHING
        return each[:0]
    rough[each, number[0]] = NO_COSINE
    number[1] = rough.argmax(axis=1)
    second = rough[each, number[1]]
    rough[each, number[1]] = NO_COSINE
    return np.flatnonzero(rough.max(axis=1) >= second - 2 * error)


def _order(value: NDArray[np.float32], number: NDArray[np.int64]) -> None:
    """Exchange the two where the second is nearer, or as near and lower."""
    wrong = (value[1] > value[0]) | ((value[1] == value[0]) & (number[1] < number[0]))
    value[:, wrong], number[:, wrong] = value[::-1, wrong], number[::-1, wrong]


def _exact_two(
    rows: UnitRows, centroids: UnitRows, chosen: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Find the two nearest centroids of a few rows by exact cosines to all: [2, m] each."""
    similarity = cosines(rows.vectors[chosen], centroids.vectors)
    each = np.arange(len(chosen))
    first = similarity.argmax(axis=1)
    highest = similarity[each, first]
    similarity[each, first] = NO_COSINE
    second = similarity.argmax(axis=1)
    return np.stack([highest, similarity[each, second]]), np.stack([first, second])


def nearest_earlier(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    known: Found | None = None,
    *,
    block_rows: int = 1024,
) -> Found:
    """Find, for each target, the nearest source that comes before it.

    Parameters
    ----------
    targets, sources : int64[t] and int64[s], rows, each ascending
    known : float32[t] and int64[t], the nearest so far, among other sources; -inf and -1 where none is known
    block_rows : sources of a block; changes memory, never the result

    Returns
    -------
    float32[t], the highest cosine, and int64[t], the row that has it, the earliest where several do; -inf
    and -1 where no source comes before

    Notes
    -----
    O(t s d) at most in float32, half of it where targets and sources are the same. Exact cosines of the pairs
    that the rounding error leaves in doubt: about one per target and block that raises its maximum; where
    copies make them many, a block is multiplied exactly.

    Examples
    --------
    >>> points = UnitRows.measured(np.array([[1, 0], [0, 1], [1, 0]], np.float16))
    >>> similarity, witness = nearest_earlier(points, np.arange(3), np.arange(3))
    >>> similarity.tolist(), witness.tolist()
    ([-inf, 0.0, 1.0], [-1, 0, 0])
    """
    if known is None:
        known = np.full(len(targets), NO_COSINE), np.full(len(targets), NOTHING)
    heads = worthwhile_heads(rows, targets, sources)
    if len(targets) and len(sources):
        rows.scaled(slice(0))  # before threads ask for them
    panels = [slice(begin, begin + PANEL_ROWS) for begin in range(0, len(targets), PANEL_ROWS)]
    work = functools.partial(_of_panel, rows, targets, sources, known, heads, block_rows)
    parts = list(in_threads(work, panels))
    return (
        np.concatenate([np.zeros(0, np.float32), *(part[0] for part in parts)]),
        np.concatenate([np.zeros(0, np.int64), *(part[1] for part in parts)]),
    )


def _of_panel(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    known: Found,
    heads: Heads | None,
    block_rows: int,
    panel: slice,
) -> Found:
    """Find the nearest sources before some targets."""
    best, witness = known[0][panel].copy(), known[1][panel].copy()
    tiles = Tiles(rows, targets[panel], sources, heads, block_rows)
    tiles.is_wide |= np.isneginf(best)  # whose heads tell nothing yet
    for tile in tiles:
        for row, value, column in _candidates(tiles, tile, best):
            target, source = tile.targets[row], sources[column + tile.first]
            better = (value > best[target]) | ((value == best[target]) & (source < witness[target]))
            target, source, value = target[better], source[better], value[better]
            best[target], witness[target] = value, source
            # a cosine of 1 cannot be beaten, and the earliest wins ties
            tiles.is_open[target[value == HIGHEST_COSINE]] = False
    return best, witness


def _candidates(tiles: Tiles, tile: Tile, best: NDArray[np.float32]) -> Iterator[Candidates]:
    """Yield the nearest source of some rows of a tile, of all in which it may be as near as the best so far.

    Yields
    ------
    int64[h], rows of the tile; float32[h], exact cosines; int64[h], columns
    """
    floor = best[tile.targets] - tile.error
    if tile.is_bound:
        row, column = tile.at_least(floor)
        is_many = tiles.is_many(np.bincount(row, minlength=len(floor)), tile)
        if is_many.any():
            wide = np.flatnonzero(is_many)
            for place, value, at in _candidates(tiles, tiles.widened(tile, wide), best):
                yield wide[place], value, at
            few = ~is_many[row]
            row, column = row[few], column[few]
        row, column = _narrowed(tiles, tile, row, column, best)
    else:
        top = tile.rough.max(axis=1)
        is_hot = (top >= floor) & (top > NO_COSINE)
        row, column = tile.at_least(np.where(is_hot, np.maximum(floor, top - 2 * tile.error), np.inf))
        hot = np.flatnonzero(is_hot)
        if len(row) * _PAIR_COST > len(hot) * tile.rough.shape[1]:
            yield _exact_of_block(tiles, tile, hot)
            return
    if len(row):
        value = tiles.rows.pair_cosines(
            tiles.targets[tile.targets[row]], tiles.rows, tiles.sources[column + tile.first]
        )
        yield _best_of_each(row, value, column)


def _narrowed(
    tiles: Tiles, tile: Tile, row: NDArray[np.int64], column: NDArray[np.int64], best: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Leave out the pairs of a tile of bounds that rough cosines tell apart from the nearest."""
    if not len(row):
        return row, column
    target, error = tile.targets[row], tiles.rows.error
    rough = tiles.rows.rough_pairs(tiles.targets[target], tiles.sources[column + tile.first])
    begins = np.flatnonzero(np.diff(row, prepend=-1))
    highest = np.repeat(np.maximum.reduceat(rough, begins), np.diff(begins, append=len(row)))
    left = (rough >= best[target] - error) & (rough >= highest - 2 * error)
    return row[left], column[left]


def _exact_of_block(tiles: Tiles, tile: Tile, hot: NDArray[np.int64]) -> Candidates:
    """Compare rows of a tile exactly: the highest cosine of each, and the column that has it first."""
    columns = np.arange(tile.rough.shape[1])
    vectors = tiles.rows.vectors
    exact = cosines(vectors[tiles.targets[tile.targets[hot]]], vectors[tiles.sources[columns + tile.first]])
    exact[columns >= tile.n_earlier[hot][:, None]] = NO_COSINE
    column = exact.argmax(axis=1)
    return hot, exact[np.arange(len(hot)), column], column


def _best_of_each(
    row: NDArray[np.int64], value: NDArray[np.float32], column: NDArray[np.int64]
) -> Candidates:
    """Take the highest value of each row, the lowest column where several have it; rows are ascending."""
    begins = np.flatnonzero(np.diff(row, prepend=-1))
    highest = np.maximum.reduceat(value, begins)
    sizes = np.diff(begins, append=len(row))
    at = np.flatnonzero(value == np.repeat(highest, sizes))
    at = at[np.flatnonzero(np.diff(row[at], prepend=-1))]
    return row[at], value[at], column[at]

"""The nearest of stored vectors, found by rough products and settled exactly.

All of it in three steps: a block is multiplied in float32; a proven bound on what that rounds tells which
pairs may be the answer; these alone are multiplied exactly, as in `guyot.vectors.exact`. So the results
are those of an exact search, to the bit, whatever the blocks, the threads and the processor.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.exact import cosines, float32_of
from guyot.vectors.screen import UnitRows
from guyot.vectors.threads import in_threads
from guyot.vectors.tiles import NO_COSINE, PANEL_ROWS, Tile, tiles

NOTHING = -1
HIGHEST_COSINE = np.float32(1)
_PAIR_COST = 64  # a pair alone costs about as much as this many pairs of a block
_ROUGH_ELEMENTS = 1 << 19  # of a block of rows and centroids
Found = tuple[NDArray[np.float32], NDArray[np.int64]]


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
    if len(targets) and len(sources):
        rows.scaled(slice(0))  # before threads ask for them
    panels = [slice(begin, begin + PANEL_ROWS) for begin in range(0, len(targets), PANEL_ROWS)]
    parts = list(in_threads(functools.partial(_of_panel, rows, targets, sources, known, block_rows), panels))
    return (
        np.concatenate([np.zeros(0, np.float32), *(part[0] for part in parts)]),
        np.concatenate([np.zeros(0, np.int64), *(part[1] for part in parts)]),
    )


def _of_panel(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    known: Found,
    block_rows: int,
    panel: slice,
) -> Found:
    """Find the nearest sources before some targets."""
    targets = targets[panel]
    best, witness = known[0][panel].copy(), known[1][panel].copy()
    is_open = np.ones(len(targets), np.bool_)
    for tile in tiles(rows, targets, sources, is_open, block_rows):
        top = tile.rough.max(axis=1)
        floor = best[tile.targets] - rows.error
        hot = np.flatnonzero((top >= floor) & (top > NO_COSINE))
        if not len(hot):
            continue
        place, column = tile.at_least(hot, np.maximum(floor[hot], top[hot] - 2 * rows.error))
        if len(place) * _PAIR_COST > len(hot) * tile.rough.shape[1]:
            value, column = _exact_of_block(rows, targets, sources, tile, hot)
        else:
            value = rows.pair_cosines(targets[tile.targets[hot[place]]], rows, sources[column + tile.first])
            hot, value, column = _best_of_each(hot[place], value, column)
        target, source = tile.targets[hot], sources[column + tile.first]
        better = (value > best[target]) | ((value == best[target]) & (source < witness[target]))
        target, source, value = target[better], source[better], value[better]
        best[target], witness[target] = value, source
        # a cosine of 1 cannot be beaten, and the earliest wins ties
        is_open[target[(value == HIGHEST_COSINE)]] = False
    return best, witness


def _exact_of_block(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    tile: Tile,
    hot: NDArray[np.int64],
) -> Found:
    """Compare rows of a tile exactly: the highest cosine of each, and the column that has it first."""
    columns = np.arange(tile.rough.shape[1])
    exact = cosines(rows.vectors[targets[tile.targets[hot]]], rows.vectors[sources[columns + tile.first]])
    exact[columns >= tile.n_earlier[hot][:, None]] = NO_COSINE
    column = exact.argmax(axis=1)
    return exact[np.arange(len(hot)), column], column


def _best_of_each(
    row: NDArray[np.int64], value: NDArray[np.float32], column: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]:
    """Take the highest value of each row, the lowest column where several have it; rows are ascending."""
    begins = np.flatnonzero(np.diff(row, prepend=-1))
    highest = np.maximum.reduceat(value, begins)
    sizes = np.diff(begins, append=len(row))
    at = np.flatnonzero(value == np.repeat(highest, sizes))
    at = at[np.flatnonzero(np.diff(row[at], prepend=-1))]
    return row[at], value[at], column[at]

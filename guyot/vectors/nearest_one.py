"""The nearest of a few stored vectors, without its cosine: what k-means asks for in each iteration."""

import functools

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.nearest import ROUGH_ELEMENTS, ROUGH_ROWS, candidate_search, nearest_two
from guyot.vectors.screen import UnitRows
from guyot.vectors.threads import in_threads
from guyot.vectors.tiles import NO_COSINE, PANEL_ROWS
from guyot.vectors.widening import float32_of


def nearest_one(rows: UnitRows, centroids: UnitRows, *, block_rows: int = PANEL_ROWS) -> NDArray[np.int64]:
    """Find the nearest of a few vectors, for each of many.

    Parameters
    ----------
    rows : n rows
    centroids : k rows of the same width, one at least
    block_rows : rows that a thread works on at a time; changes memory, never the result

    Returns
    -------
    int64[n], as `nearest_two` gives it: of the highest exact cosines the lowest number

    Notes
    -----
    O(n k d) in float32 or bytes. Only rows whose second nearest is as near as the nearest within the rounding
    error of float32 are multiplied exactly, with all centroids.

    Examples
    --------
    >>> points = UnitRows.measured(np.array([[1, 0], [0.6, 0.8]], np.float16))
    >>> nearest_one(points, UnitRows.measured(np.eye(2, dtype=np.float16))).tolist()
    [0, 1]
    """
    if candidate_search(rows, centroids) is not None:  # which knows the two before it knows the one
        return nearest_two(rows, centroids, block_rows=block_rows)[0][1]
    rows.scaled(slice(0))  # before threads ask for them
    centroids.scaled(slice(0))
    wide = float32_of(centroids.vectors).astype(np.float64)
    begins = range(0, len(rows), block_rows)
    blocks = [slice(begin, min(begin + block_rows, len(rows))) for begin in begins]
    parts = in_threads(functools.partial(_one_of_block, rows, centroids, wide), blocks)
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _one_of_block(
    rows: UnitRows, centroids: UnitRows, wide: NDArray[np.float64], block: slice
) -> NDArray[np.int64]:
    """Find the nearest centroid of some rows, part by part."""
    n_rows, n_centroids = block.stop - block.start, len(centroids)
    number = np.zeros(n_rows, np.int64)
    right = centroids.scaled(slice(None))
    step = max(1, min(n_rows, ROUGH_ROWS, ROUGH_ELEMENTS // n_centroids))
    buffer = np.empty((step, n_centroids), np.float32)
    for begin in range(0, n_rows, step):
        some = slice(block.start + begin, min(block.start + begin + step, block.stop))
        rough = buffer[: some.stop - some.start]
        np.matmul(rows.scaled(some), right.T, out=rough)
        found = rough.argmax(axis=1)
        each = np.arange(len(rough))
        highest = rough[each, found]
        rough[each, found] = NO_COSINE
        in_doubt = np.flatnonzero(rough.max(axis=1) >= highest - 2 * rows.error)
        if len(in_doubt):
            cosine = rows.exact(in_doubt + some.start) @ wide.T
            cosine /= np.multiply.outer(rows.lengths[in_doubt + some.start], centroids.lengths)
            found[in_doubt] = cosine.astype(np.float32).argmax(axis=1)
        number[begin : begin + len(rough)] = found
    return number

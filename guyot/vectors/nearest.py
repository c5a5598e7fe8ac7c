"""The two nearest of a few stored vectors, found by rough products and settled exactly.

All of it in steps: a block is multiplied in float32, where that is sooner done in bytes first; proven bounds
on what that rounds tell which pairs may be the answer; these alone are multiplied exactly, as in
`guyot.vectors.exact`. So the results are those of an exact search, to the bit, whatever the blocks, the
threads and the processor.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.byte_products import is_worthwhile, multiply_pairs, one_openmp_thread
from guyot.vectors.exact import rows_at_once
from guyot.vectors.nearest_candidates import CandidateSearch
from guyot.vectors.screen import UnitRows
from guyot.vectors.threads import in_threads
from guyot.vectors.tiles import NO_COSINE, PANEL_ROWS
from guyot.vectors.widening import float32_into, float32_of

NOTHING = -1
_MIN_SCREENED = 192  # centroids; fewer are sooner multiplied in float32
ROUGH_ELEMENTS, ROUGH_ROWS = 1 << 19, 512  # at most, of a block of rows and centroids
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
    O(n k d) in float32 or bytes, and two exact cosines for each row. Rows whose third nearest is as near as
    the second within the rounding error of float32 are compared exactly with all centroids.

    Examples
    --------
    >>> points = UnitRows.measured(np.array([[1, 0], [0.6, 0.8]], np.float16))
    >>> nearest_two(points, UnitRows.measured(np.eye(2, dtype=np.float16)))[0][1].tolist()
    [0, 1]
    """
    centroids.scaled(slice(0))  # before threads ask for them
    wide = float32_of(centroids.vectors).astype(np.float64)
    candidates = candidate_search(rows, centroids)
    begins = range(0, len(rows), block_rows)
    blocks = [slice(begin, min(begin + block_rows, len(rows))) for begin in begins]
    parts = list(in_threads(functools.partial(_two_of_block, rows, centroids, wide, candidates), blocks))
    none = (np.zeros(0, np.float32), np.zeros(0, np.int64))
    values = [np.concatenate([none[0], *(part[i][0] for part in parts)]) for i in (0, 1)]
    numbers = [np.concatenate([none[1], *(part[i][1] for part in parts)]) for i in (0, 1)]
    return (values[0], numbers[0]), (values[1], numbers[1])


def candidate_search(rows: UnitRows, centroids: UnitRows) -> CandidateSearch | None:
    """Prepare a search by bytes where that is likely to be sooner; None where it is not."""
    n_centroids, width = centroids.vectors.shape
    is_sooner = n_centroids >= _MIN_SCREENED and is_worthwhile(len(rows) * n_centroids * width, width)
    return CandidateSearch.among(centroids) if is_sooner else None


@one_openmp_thread()
def _two_of_block(
    rows: UnitRows,
    centroids: UnitRows,
    wide: NDArray[np.float64],
    candidates: CandidateSearch | None,
    block: slice,
) -> tuple[Found, Found]:
    """Find the two nearest centroids of some rows, part by part."""
    n_rows, (n_centroids, width) = block.stop - block.start, centroids.vectors.shape
    value = np.full((2, n_rows), NO_COSINE)
    number = np.full((2, n_rows), NOTHING)
    right = centroids.scaled(slice(None))
    step = max(1, min(n_rows, ROUGH_ROWS, ROUGH_ELEMENTS // n_centroids))
    # memory that is asked for anew in each part would cost as much as a tenth of the product
    buffer = np.empty((step, n_centroids), np.float32)
    scaled, exact = np.empty((step, width), np.float32), np.empty((step, width))
    for begin in range(0, n_rows, step):
        some = slice(block.start + begin, min(block.start + begin + step, block.stop))
        size = some.stop - some.start
        part = slice(begin, begin + size)
        rough, left, wide_rows = buffer[:size], scaled[:size], exact[:size]
        widen(rows, some, left, wide_rows)
        if candidates is None:
            np.matmul(left, right.T, out=rough)
            in_doubt = _rough_two(rough, rows.error, number[:, part])
        else:
            in_doubt = candidates.two_nearest(left, rows.error, rough.view(np.int32), number[:, part])
        for place in range(min(2, n_centroids)):
            chosen = number[place, part]
            products = products_of(wide_rows, wide, chosen, in_place=candidates is not None)
            products /= rows.lengths[some] * centroids.lengths[chosen]
            value[place, part] = products
        order_two(value[:, part], number[:, part])
        if len(in_doubt):
            settled = in_doubt + begin
            cosine = wide_rows[in_doubt] @ wide.T
            cosine /= np.multiply.outer(rows.lengths[some][in_doubt], centroids.lengths)
            value[:, settled], number[:, settled] = two_highest(cosine.astype(np.float32))
    return (value[0], number[0]), (value[1], number[1])


def widen(rows: UnitRows, some: slice, scaled: NDArray[np.float32], exact: NDArray[np.float64]) -> None:
    """Write rows at unit length, and as they are stored.

    Parameters
    ----------
    some : m rows
    scaled : float32[m, d], is written: at unit length
    exact : float64[m, d], is written
    """
    step = rows_at_once(rows.vectors.shape[1])
    for begin in range(0, len(exact), step):
        part = slice(begin, min(begin + step, len(exact)))
        of = slice(some.start + part.start, some.start + part.stop)
        float32_into(rows.vectors[of], scaled[part])
        exact[part] = scaled[part]
        scaled[part] *= (1 / rows.lengths[of]).astype(np.float32)[:, None]


def products_of(
    rows: NDArray[np.float64], others: NDArray[np.float64], chosen: NDArray[np.int64], *, in_place: bool
) -> NDArray[np.float64]:
    """Multiply each row with the one of the others that is chosen for it.

    Parameters
    ----------
    rows : float64[m, d]
    others : float64[k, d]
    chosen : int64[m]
    in_place : without a copy of the chosen, where torch is loaded

    Returns
    -------
    float64[m]
    """
    if in_place:
        return multiply_pairs(rows, others, np.arange(len(rows) + 1), chosen)
    products, step = np.empty(len(rows)), min(len(rows), rows_at_once(rows.shape[1]))
    buffer = np.empty((step, rows.shape[1]))
    for begin in range(0, len(rows), max(1, step)):
        part = slice(begin, begin + step)
        other = np.take(others, chosen[part], axis=0, out=buffer[: len(chosen[part])], mode="clip")
        np.vecdot(rows[part], other, out=products[part])
    return products


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


def order_two(value: NDArray[np.float32], number: NDArray[np.int64]) -> None:
    """Exchange the two where the second is nearer, or as near and lower.

    Parameters
    ----------
    value : float32[2, m], cosines, is written
    number : int64[2, m], is written
    """
    wrong = (value[1] > value[0]) | ((value[1] == value[0]) & (number[1] < number[0]))
    value[:, wrong], number[:, wrong] = value[::-1, wrong], number[::-1, wrong]


def two_highest(cosine: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Find the two highest of each row's exact cosines, the first of several.

    Parameters
    ----------
    cosine : float32[m, k], k at least 2, is overwritten

    Returns
    -------
    float32[2, m] and int64[2, m]: the cosines and their columns
    """
    each = np.arange(len(cosine))
    first = cosine.argmax(axis=1)
    highest = cosine[each, first]
    cosine[each, first] = NO_COSINE
    second = cosine.argmax(axis=1)
    return np.stack([highest, cosine[each, second]]), np.stack([first, second])

"""Unit vectors, and cosines that are exact whatever the blocking.

A stored vector is float16. The product of two float16 numbers is a multiple of 2^-48, and no partial
sum of such products over two unit vectors passes 2: 50 bits hold every one of them, so a float64
matrix product rounds nowhere. It gives the same bits in any block shape, order and thread count, on
any machine, and so does the cosine made from it by one multiplication and one division.
"""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.vectors.widening import float32_into, float32_of

UNIT_TOLERANCE = 2e-3
_BLOCK_BYTES = 1 << 20  # of float64: near a fast cache, and not so little that threads wait for one another


class VectorBlocks(Protocol):
    """Documents' vectors, read block by block, as often as asked."""

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield (rows int64[m], vectors float16[m, d]); every document once, in a fixed order."""
        ...


class ComparisonLists(Protocol):
    """Which documents are compared with which: all within a list, such as a cluster."""

    def lists(
        self, wanted: NDArray[np.bool_] | None = None
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield (rows int64[m] in visiting order, vectors float16[m, d]), list by list.

        A document can be in several lists.

        Parameters
        ----------
        wanted : bool[n], lists without such a document may be left out; None: all lists
        """
        ...


def unit_float16(rows: NDArray[np.float32]) -> NDArray[np.float16]:
    """Scale rows to unit length and round them to float16, the lake's value of record.

    Parameters
    ----------
    rows : float32[n, d], finite, none of zero length

    Returns
    -------
    float16[n, d]

    Raises
    ------
    ArrayError : not a matrix, or a row has no direction.

    Examples
    --------
    >>> unit_float16(np.array([[3, 4]], np.float32)).tolist()
    [[0.60009765625, 0.7998046875]]
    """
    if rows.ndim != 2:
        raise ArrayError(f"rows must be a matrix [n, d]; got {rows.ndim} dimensions; stack the rows")
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
    bad = np.flatnonzero(~(np.isfinite(lengths) & (lengths > 0)))
    if bad.size:
        raise ArrayError(
            f"{bad.size} of {len(rows)} rows have no direction (row {bad[0]} has length "
            f"{lengths[bad[0]]}); the encoder must return finite, non-zero rows"
        )
    return (rows / lengths[:, None]).astype(np.float16)


def check_unit(vectors: NDArray[np.float16], name: str) -> NDArray[np.float64]:
    """Refuse anything but float16 rows of unit length.

    Parameters
    ----------
    vectors : float16[n, d], as it should be
    name : what the message calls it

    Returns
    -------
    float64[n], the lengths

    Raises
    ------
    ArrayError : wrong dtype or rank, or a row's length differs from 1 by more than 0.002.
    """
    if vectors.ndim != 2 or vectors.dtype != np.float16:
        raise ArrayError(
            f"{name} must be float16[n, d]; got {vectors.dtype}{list(vectors.shape)}; "
            "make it with unit_float16"
        )
    found = lengths(vectors)
    off = np.abs(found - 1)
    if len(off) and not off.max() <= UNIT_TOLERANCE:
        raise ArrayError(
            f"{name} must have rows of length 1 within {UNIT_TOLERANCE}; row {int(off.argmax())} "
            f"is off by {off.max():.3g}; make it with unit_float16"
        )
    return found


def lengths(vectors: NDArray[np.float16]) -> NDArray[np.float64]:
    """Return the rows' lengths, exact before the square root.

    Parameters
    ----------
    vectors : float16[n, d]

    Returns
    -------
    float64[n]; beyond 1e4 for rows with an infinite coordinate or nan

    Notes
    -----
    O(n d), block by block.
    """
    found = np.empty(len(vectors))
    n_rows = min(len(vectors), rows_at_once(vectors.shape[1]))
    # asked for once: threads that ask for memory time and again wait for one another
    wide, exact = np.empty((n_rows, vectors.shape[1]), np.float32), np.empty((n_rows, vectors.shape[1]))
    for begin in range(0, len(vectors), max(1, n_rows)):
        block = slice(begin, begin + n_rows)
        size = len(vectors[block])
        float32_into(vectors[block], wide[:size])
        exact[:size] = wide[:size]
        np.vecdot(exact[:size], exact[:size], out=found[block])
    return np.sqrt(found, out=found)


def rows_at_once(width: int) -> int:
    """Return how many rows of float64 are best worked on at a time.

    Parameters
    ----------
    width : coordinates of a row
    """
    return max(8, _BLOCK_BYTES // (8 * max(1, width)))


def cosines(rows: NDArray[np.float16], others: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return all cosines between two blocks of unit vectors, bit for bit in any blocking.

    Parameters
    ----------
    rows : float16[n, d]
    others : float16[m, d]

    Returns
    -------
    float32[n, m]

    Notes
    -----
    O(n m d) in float64; 12 bytes of memory per pair while it runs.

    Examples
    --------
    >>> block = unit_float16(np.array([[1, 0], [1, 1]], np.float32))
    >>> cosines(block, block).round(3).tolist()
    [[1.0, 0.7070000171661377], [0.7070000171661377, 1.0]]
    """
    products = rows.astype(np.float64) @ others.astype(np.float64).T
    products /= np.multiply.outer(lengths(rows), lengths(others))
    return products.astype(np.float32)


def pair_cosines(rows: NDArray[np.float16], others: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return the cosine of each row with the other of the same number: the bits that `cosines` gives.

    Parameters
    ----------
    rows : float16[n, d]
    others : float16[n, d]

    Returns
    -------
    float32[n]

    Notes
    -----
    O(n d); 24 n d bytes.

    Examples
    --------
    >>> block = unit_float16(np.array([[1, 0], [1, 1]], np.float32))
    >>> pair_cosines(block, block[::-1]).tolist() == cosines(block, block)[[0, 1], [1, 0]].tolist()
    True
    """
    wide, other = (float32_of(block).astype(np.float64) for block in (rows, others))
    products = np.einsum("nd,nd->n", wide, other)
    products /= np.sqrt(np.einsum("nd,nd->n", wide, wide)) * np.sqrt(np.einsum("nd,nd->n", other, other))
    return products.astype(np.float32)

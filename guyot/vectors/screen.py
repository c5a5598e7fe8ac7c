"""Rough cosines by float32 products, and how far they are from the exact ones.

A search multiplies blocks of rows that are scaled to unit length in float32. What that cannot tell apart
from the answer is multiplied exactly, so that the result is the one of `guyot.vectors.exact`, to the bit.
"""

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.byte_products import is_fast, multiply_pairs
from guyot.vectors.exact import check_unit, lengths
from guyot.vectors.widening import float32_into, float32_of

_CACHED_BYTES = 1 << 28  # scaled rows are kept up to so many bytes, beyond they are made block by block
_WIDENED_BYTES = 1 << 26  # and exact ones up to so many
_BLOCK_ROWS = 1024
Rows = slice | NDArray[np.int64]


def rounding_error(width: int) -> np.float32:
    """Bound how far a float32 product of two scaled rows is from the cosine that is stored.

    Parameters
    ----------
    width : coordinates of a row

    Notes
    -----
    With u = 2^-24: scaling rounds each coordinate twice, so a product of two rows moves by at most 4.01 u of
    the product of their lengths, 1; its d products are rounded d times at most, in any order; storing adds u,
    comparing with a rounded limit another. All together they stay below g(d + 8), where
    g(n) = n u / (1 - n u) (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1).

    Examples
    --------
    >>> float(rounding_error(384)) < 2.4e-5
    True
    """
    roundings = (width + 8) * 2.0**-24
    return np.float32(roundings / (1 - roundings))


class UnitRows:
    """Stored vectors with their lengths, scaled for rough products and multiplied exactly in pairs.

    vectors : float16[n, d]
    lengths : float64[n]
    error : how far a product of two scaled rows is from their cosine at most
    """

    def __init__(self, vectors: NDArray[np.float16], row_lengths: NDArray[np.float64]) -> None:
        self.vectors, self.lengths = vectors, row_lengths
        self.error = rounding_error(vectors.shape[1])
        # by cached_property all instances would wait for one another's
        self._scaled: NDArray[np.float32] | None = None
        self._wide: NDArray[np.float64] | None = None

    @classmethod
    def checked(cls, vectors: NDArray[np.float16], name: str) -> "UnitRows":
        """Measure rows, and refuse those that are not of unit length.

        Parameters
        ----------
        vectors : float16[n, d], as it should be
        name : what the message calls it

        Raises
        ------
        ArrayError : as `check_unit` does.
        """
        return cls(vectors, check_unit(vectors, name))

    @classmethod
    def measured(cls, vectors: NDArray[np.float16]) -> "UnitRows":
        """Measure rows that were checked when they were stored.

        Parameters
        ----------
        vectors : float16[n, d], of any length but zero
        """
        return cls(vectors, lengths(vectors))

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.vectors)

    def scaled(self, rows: Rows) -> NDArray[np.float32]:
        """Return some rows at unit length: float32[m, d]."""
        if self.vectors.size * 4 <= _CACHED_BYTES:
            if self._scaled is None:
                self._scaled = self._all_scaled()
            return self._scaled[rows]
        some = self.vectors[rows]
        return self._scale(rows, np.empty(some.shape, np.float32))

    def exact(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return some rows as they are stored: float64[m, d].

        Parameters
        ----------
        rows : int64[m]
        """
        if self._is_widened():
            return self._all_wide()[rows]
        return float32_of(self.vectors[rows]).astype(np.float64)

    def _is_widened(self) -> bool:
        """Return whether the rows are few enough to be kept in float64."""
        return self.vectors.size * 8 <= _WIDENED_BYTES

    def _all_wide(self) -> NDArray[np.float64]:
        """Return all rows as they are stored, widened once."""
        if self._wide is None:
            found = np.empty(self.vectors.shape)
            for begin in range(0, len(found), _BLOCK_ROWS):
                found[begin : begin + _BLOCK_ROWS] = float32_of(self.vectors[begin : begin + _BLOCK_ROWS])
            self._wide = found
        return self._wide

    def _all_scaled(self) -> NDArray[np.float32]:
        """Return all rows at unit length."""
        found = np.empty(self.vectors.shape, np.float32)
        for begin in range(0, len(found), _BLOCK_ROWS):
            self._scale(slice(begin, begin + _BLOCK_ROWS), found[begin : begin + _BLOCK_ROWS])
        return found

    def _scale(self, rows: Rows, found: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scale some rows into memory that is there."""
        float32_into(self.vectors[rows], found)
        return np.multiply(found, (1 / self.lengths[rows]).astype(np.float32)[:, None], out=found)

    def rough_pairs(self, rows: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return rough cosines of pairs.

        Parameters
        ----------
        rows, others : int64[p]

        Returns
        -------
        float32[p], off by the error at most
        """
        found = np.empty(len(rows), np.float32)
        for begin in range(0, len(rows), _BLOCK_ROWS):
            some = slice(begin, begin + _BLOCK_ROWS)
            np.vecdot(self.scaled(rows[some]), self.scaled(others[some]), out=found[some])
        return found

    def pair_cosines(
        self, rows: NDArray[np.int64], other: "UnitRows", others: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return exact cosines of pairs, the bits of `guyot.vectors.exact.pair_cosines`.

        Parameters
        ----------
        rows, others : int64[p], the others of `other`

        Returns
        -------
        float32[p]
        """
        found = np.empty(len(rows), np.float32)
        if self._is_widened() and other._is_widened() and is_fast():
            order = np.argsort(rows, kind="stable")
            begins = np.searchsorted(rows[order], np.arange(len(self) + 1))
            products = multiply_pairs(self._all_wide(), other._all_wide(), begins, others[order])
            products /= self.lengths[rows[order]] * other.lengths[others[order]]
            found[order] = products
            return found
        for begin in range(0, len(rows), _BLOCK_ROWS):
            some = slice(begin, begin + _BLOCK_ROWS)
            one, two = rows[some], others[some]
            products = np.vecdot(self.exact(one), other.exact(two))
            products /= self.lengths[one] * other.lengths[two]
            found[some] = products
        return found

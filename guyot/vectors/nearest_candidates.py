"""The few stored vectors that may be one of a row's two nearest, by products of bytes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.byte_products import multiply, multiply_pairs
from guyot.vectors.byte_rows import ByteRows, own_steps, to_bytes, with_one_step
from guyot.vectors.screen import UnitRows

_GAP = 4.0  # more than the difference of two cosines


@dataclass(frozen=True)
class CandidateSearch:
    """Finds candidates among some centroids.

    codes : of the centroids, by one step
    scaled : float32[k, d], the same at unit length
    """

    codes: ByteRows
    scaled: NDArray[np.float32]

    @classmethod
    def among(cls, centroids: UnitRows) -> "CandidateSearch":
        """Prepare a search among three centroids at least."""
        return cls(with_one_step(centroids), centroids.scaled(slice(None)))

    def two_nearest(
        self,
        left: NDArray[np.float32],
        error: np.float32,
        products: NDArray[np.int32],
        number: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        """Find the two that have the largest float32 products with each row.

        Parameters
        ----------
        left : float32[m, d], rows at unit length
        error : of a float32 product
        products : int32[m, k], is overwritten
        number : int64[2, m], the two are written there

        Returns
        -------
        int64[r], rows where a third may be nearer than the second
        """
        begins, column = self._candidates(left, products)
        rough = multiply_pairs(left, self.scaled, begins, column)
        # of each row the nearest first: sorting floats, which hold both the row and the product
        row = np.repeat(np.arange(len(left)), np.diff(begins))
        order = np.argsort(row * _GAP - rough)
        first = begins[:-1]
        number[0], number[1] = column[order[first]], column[order[first + 1]]
        third = np.flatnonzero(np.diff(begins) > 2)
        best = rough[order]
        return third[best[first[third] + 2] >= best[first[third] + 1] - 2 * error]

    def _candidates(
        self, left: NDArray[np.float32], products: NDArray[np.int32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where each row's candidates begin, and the candidates: two at least for each row."""
        rows = to_bytes(left, own_steps(left))
        multiply(rows.codes, self.codes.codes, products)
        each = np.arange(len(left))
        first = products.argmax(axis=1)
        highest = products[each, first]
        products[each, first] = np.iinfo(np.int32).min
        second = products.max(axis=1)
        products[each, first] = highest
        unit = rows.step.astype(np.float64) * self.codes.step[0]
        least = second - np.ceil(2 * rows.error(self.codes) / unit).astype(np.int32)
        row, column = np.divmod(np.flatnonzero(products >= least[:, None]), products.shape[1])
        begins = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(left)))])
        return begins, column

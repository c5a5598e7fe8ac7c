"""Upper bounds on cosines from the first coordinates along the vectors' own principal directions.

Real vectors vary in few directions. A row is split into its part along the first m of them and a residual:
the product of two rows is that of the first parts, plus at most the product of the residuals' lengths
(Cauchy-Schwarz). With the length as one more coordinate that is a single product of m + 1 coordinates.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.screen import UnitRows, rounding_error
from guyot.vectors.threads import one_blas_thread
from guyot.vectors.widening import float32_of

WIDTHS = (16, 32, 48, 64, 96, 128, 192)
PASS_COST = 16  # coordinates that cost as much as looking at a product once
PAIR_COST = 12288  # coordinates that cost as much as looking at a pair alone
_MIN_PAIRS = 1 << 26  # fewer are compared before a rotation is found
_MIN_GAIN = 0.85
_SAMPLE_ROWS, _SAMPLE_TARGETS = 4096, 128
_SLACK = 1e-9  # more than all that float64 rounds
_BLOCK_ROWS = 1024


@dataclass(frozen=True)
class Rotation:
    """The first principal directions of some vectors.

    directions : float64[d, m], columns of unit length at right angles
    defect : how far they are from that: the Frobenius norm of directions' products less the identity
    """

    directions: NDArray[np.float64]
    defect: float

    def first(self, width: int) -> "Rotation":
        """Return the first of the directions."""
        return Rotation(np.ascontiguousarray(self.directions[:, :width]), self.defect)

    def heads(self, rows: UnitRows) -> "Heads":
        """Rotate rows: O(n d m) in float64, so that only their storing rounds."""
        width = self.directions.shape[1]
        matrix = np.empty((len(rows), width + 1), np.float32)
        for begin in range(0, len(rows), _BLOCK_ROWS):
            block = slice(begin, begin + _BLOCK_ROWS)
            wide = float32_of(rows.vectors[block]).astype(np.float64)
            wide /= rows.lengths[block, None]
            first = wide @ self.directions
            residual = np.maximum(1 - np.vecdot(first, first), 0) + 2 * self.defect + _SLACK
            matrix[block, :width] = first
            matrix[block, width] = np.sqrt(residual) * (1 + 2.0**-23)  # never below it in float32
        return Heads(matrix, np.float32(rounding_error(width + 1) + 2 * self.defect + _SLACK))


@dataclass(frozen=True)
class Heads:
    """Rotated rows: their first coordinates and the length of the residual.

    matrix : float32[n, m + 1]; a product of two rows, plus the error, is at least their cosine
    error : of that product
    """

    matrix: NDArray[np.float32]
    error: np.float32


def principal_rotation(sample: UnitRows, width: int) -> Rotation:
    """Find the directions along which vectors are long, longest first.

    Parameters
    ----------
    sample : some of the vectors
    width : how many directions

    Notes
    -----
    O(n d^2 + d^3). Eigenvectors of the second moments, not of the covariance: what is bounded is the product
    of vectors, whose mean is part of them.

    Examples
    --------
    >>> flat = UnitRows.measured(np.array([[0.6, 0.8, 0], [1, 0, 0], [0, 1, 0]], np.float16))
    >>> bool(np.allclose(principal_rotation(flat, 2).directions[2], 0))
    True
    """
    wide = float32_of(sample.vectors).astype(np.float64)
    wide /= sample.lengths[:, None]
    _, directions = np.linalg.eigh(wide.T @ wide)
    directions = np.ascontiguousarray(directions[:, ::-1][:, :width])
    defect = np.linalg.norm(directions.T @ directions - np.eye(directions.shape[1]))
    return Rotation(directions, float(defect))


def worthwhile_heads(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    min_cosine: float | None = None,
    *,
    whole_width: float,
) -> Heads | None:
    """Rotate rows if that is likely to spare work, by the width that spares most.

    Parameters
    ----------
    targets, sources : int64[t] and int64[s], rows that are to be compared
    min_cosine : pairs at it or below need not be known; None: what is not a target's nearest need not be
    whole_width : what multiplying whole rows costs, in coordinates of float32

    Returns
    -------
    Heads; None where the pairs are few, or a sample of the targets says that too many would be left.

    Notes
    -----
    O((t + s) d m), and some 0.1 s of a core for the sample. Nothing of it changes a result.
    """
    width = rows.vectors.shape[1]
    if len(targets) * len(sources) < _MIN_PAIRS or width <= WIDTHS[0]:
        return None
    with one_blas_thread():
        return _heads(rows, targets, sources, min_cosine, whole_width)


def _heads(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    min_cosine: float | None,
    whole_width: float,
) -> Heads | None:
    """Find the directions of a sample, estimate what each width costs, and rotate by the best."""
    width = rows.vectors.shape[1]
    sample = UnitRows.measured(rows.vectors[_spread(sources, _SAMPLE_ROWS)])
    some = UnitRows.measured(rows.vectors[_spread(targets, _SAMPLE_TARGETS)])
    rotation = principal_rotation(sample, width)
    if min_cosine is None:
        least = _highest(some, rows, sources)
    else:
        least = np.full(len(some), min_cosine, np.float32)
    one, other = some.scaled(slice(None)), sample.scaled(slice(None))
    turned = [matrix @ rotation.directions.astype(np.float32) for matrix in (one, other)]
    narrower = [m for m in WIDTHS if m < width]
    costs = [_cost(_estimate(turned[0], m), _estimate(turned[1], m), least, width) for m in narrower]
    best = narrower[int(np.argmin(costs))]
    if min(costs) > _MIN_GAIN * (whole_width + PASS_COST):
        return None
    return rotation.first(best).heads(rows)


def _spread(rows: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Take rows at equal steps."""
    return rows[:: max(1, len(rows) // size)][:size]


def _highest(some: UnitRows, rows: UnitRows, sources: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return about the highest cosine of some rows to another source."""
    left, found = some.scaled(slice(None)), np.full(len(some), -1, np.float32)
    for begin in range(0, len(sources), _BLOCK_ROWS):
        rough = left @ rows.scaled(sources[begin : begin + _BLOCK_ROWS]).T
        rough[rough > 1 - 1e-3] = -1  # itself; a copy is found at once
        np.maximum(found, rough.max(axis=1), out=found)
    return found


def _estimate(turned: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return the first coordinates and about the length of the others."""
    length = np.linalg.norm(turned[:, width:], axis=1, keepdims=True)
    return np.concatenate([turned[:, :width], length], axis=1)


def _cost(
    some: NDArray[np.float32], others: NDArray[np.float32], least: NDArray[np.float32], width: int
) -> float:
    """Estimate the cost of a pair, in coordinates: the mean over some rows, which may be multiplied whole."""
    left = ((some @ others.T) >= least[:, None]).mean(axis=1)
    by_head = some.shape[1] + PASS_COST
    return float(np.minimum(by_head + left * PAIR_COST, width + PASS_COST + by_head / 2).mean())

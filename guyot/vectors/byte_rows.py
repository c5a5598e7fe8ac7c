"""Vectors rounded to bytes, and how far that may move a product of two of them.

With x' the rounded x, a product of two rows moves by x.y - x'.y' = (x - x').y + x'.(y - y'), so by at most
|x - x'| + (1 + |x - x'|) |y - y'| for rows of unit length (Cauchy-Schwarz). What a row loses is measured, not
assumed, so that the bound is as tight as the row allows.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.byte_products import HIGHEST
from guyot.vectors.screen import UnitRows, rounding_error

_BLOCK_ROWS = 1024
_SLACK = np.float32(2.0**-20)  # more than scaling to unit length and storing a cosine round
_CLIPPED = 0.001  # of the rows: a few large coordinates would make steps too wide for all others


@dataclass(frozen=True)
class ByteRows:
    """Rows at unit length in bytes.

    codes : int8[n, d]
    step : float32[n], what one of a row's units stands for
    lost : float32[n], at least the length of what rounding took away
    """

    codes: NDArray[np.int8]
    step: NDArray[np.float32]
    lost: NDArray[np.float32]

    @cached_property
    def most_lost(self) -> np.float32:
        """What a row lost at most."""
        return self.lost.max(initial=0)

    @cached_property
    def most_error(self) -> np.float32:
        """How far a product of any two of the rows, as a float32, is from their cosine at most."""
        return np.float32((2 + self.most_lost) * self.most_lost + _SLACK)

    def error(self, others: "ByteRows") -> NDArray[np.float32]:
        """Bound how far a product with any of other rows is from the cosine: float32[n]."""
        return (self.lost + (1 + self.lost) * others.most_lost).astype(np.float32)


def own_steps(scaled: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the steps by which each row's largest coordinate just fits: float32[n].

    Parameters
    ----------
    scaled : float32[n, d], none of zero length
    """
    return np.maximum(scaled.max(axis=1), -scaled.min(axis=1)) / np.float32(HIGHEST)


def to_bytes(scaled: NDArray[np.float32], step: NDArray[np.float32], *, may_exceed: bool = False) -> ByteRows:
    """Round rows to multiples of their steps.

    Parameters
    ----------
    scaled : float32[n, d], rows at unit length
    step : float32[n]
    may_exceed : whether coordinates may be beyond 127 steps, where they are cut off

    Notes
    -----
    O(n d). What is lost is summed up in float32 and rounded up by more than that sum may round.

    Examples
    --------
    >>> rows = np.array([[0.6, -0.8]], np.float32)
    >>> to_bytes(rows, own_steps(rows)).codes.tolist()
    [[95, -127]]
    """
    units = scaled * (1 / step)[:, None]
    np.rint(units, out=units)
    if may_exceed:
        np.clip(units, -HIGHEST, HIGHEST, out=units)
    codes = units.astype(np.int8)
    units *= step[:, None]
    np.subtract(scaled, units, out=units)
    lost = np.sqrt(np.vecdot(units, units))
    lost *= 1 + rounding_error(scaled.shape[1])
    lost += _SLACK
    return ByteRows(codes, step, lost)


def with_one_step(rows: UnitRows) -> ByteRows:
    """Round rows by a step that fits nearly all of them, so that their products compare as they are.

    Notes
    -----
    O(n d), block by block; n d bytes.
    """
    blocks = [rows.scaled(slice(begin, begin + _BLOCK_ROWS)) for begin in range(0, len(rows), _BLOCK_ROWS)]
    fitting = np.concatenate([own_steps(block) for block in blocks])
    fits = min(len(rows) - 1, int(len(rows) * (1 - _CLIPPED)))
    step = np.partition(fitting, fits)[fits]
    parts = [to_bytes(block, np.full(len(block), step), may_exceed=True) for block in blocks]
    lost = np.concatenate([part.lost for part in parts])
    return ByteRows(np.concatenate([part.codes for part in parts]), np.full(len(rows), step), lost)

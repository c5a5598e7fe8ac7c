"""Vectors that are hard to tell apart: copies, last bits that differ, lengths at the tolerance."""

from collections.abc import Generator
from contextlib import contextmanager

import numpy as np
import pytest
from numpy.typing import NDArray

from guyot.seeds import generator
from guyot.vectors import nearest, nearest_candidates, rotation, tiles
from guyot.vectors.exact import unit_float16


def near_ties(n: int, width: int, seed: int) -> NDArray[np.float16]:
    """Return n rows, of few directions, most of them with another length or other last bits."""
    draw = generator(seed, "near ties", n, width)
    distinct = unit_float16(draw.standard_normal((1 + seed % 5, width)).astype(np.float32))
    rows = distinct[draw.integers(0, len(distinct), n)]
    kind = draw.integers(0, 5, n)
    bits = rows.view(np.uint16)
    flipped = np.flatnonzero(kind == 1)
    bits[flipped, draw.integers(0, width, len(flipped))] ^= 1
    longer, opposite, other = kind == 2, kind == 3, np.flatnonzero(kind == 4)
    factor = 1 + draw.choice([-0.0014, 0.0014], (longer.sum(), 1))
    rows[longer] = (rows[longer].astype(np.float64) * factor).astype(np.float16)
    rows[opposite] *= np.float16(-1)
    rows[other] = unit_float16(draw.standard_normal((len(other), width)).astype(np.float32))
    return rows


def naive_cosines(rows: NDArray[np.float16], others: NDArray[np.float16]) -> NDArray[np.float32]:
    """Compare every pair in a float64 loop of its own: float32[n, m]."""
    wide, other = rows.astype(np.float64), others.astype(np.float64)
    found = np.zeros((len(rows), len(others)), np.float32)
    for i, one in enumerate(wide):
        for j, two in enumerate(other):
            length = np.sqrt((one * one).sum()) * np.sqrt((two * two).sum())
            found[i, j] = (one * two).sum() / length
    return found


@contextmanager
def rotated(width: int, widens: bool = False) -> Generator[None]:
    """Rotate in every search, to so many coordinates, whether it spares work or not; 0: in none.

    With `widens` rows of which a pair is left are multiplied whole.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rotation, "_MIN_PAIRS", 1 if width else np.inf)
        patch.setattr(rotation, "_MIN_GAIN", np.inf)
        patch.setattr(rotation, "WIDTHS", (width,))
        if widens:
            patch.setattr(tiles, "PAIR_COST", 1e9)
            patch.setattr(tiles, "_PACKED_ROWS", 0)
        yield


@contextmanager
def in_bytes(widens: bool = False) -> Generator[None]:
    """Screen every search by bytes, whether it spares work or not, and whatever this processor multiplies.

    With `widens` rows of which a pair is left are multiplied whole.
    """

    def multiply(left: NDArray[np.int8], right: NDArray[np.int8], out: NDArray[np.int32]) -> None:
        out[:] = left.astype(np.int32) @ right.astype(np.int32).T

    with rotated(0), pytest.MonkeyPatch.context() as patch:
        for module in (nearest, tiles):
            patch.setattr(module, "is_worthwhile", lambda n_multiplications, width: True)
        for module in (nearest_candidates, tiles):
            patch.setattr(module, "multiply", multiply)
        patch.setattr(nearest, "_MIN_SCREENED", 3)
        patch.setattr(tiles, "_MIN_SCREENED_ROWS", 1)
        if widens:
            patch.setattr(tiles, "_SCREENED_PAIR_COST", 1e9)
            patch.setattr(tiles, "_PACKED_ROWS", 0)
        yield

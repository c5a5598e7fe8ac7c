"""A sheet of pairs of pictures, two side by side: what was dropped, and because of what."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from resources.thumbnails import fitted, png, tiled

N_PAIRS = 24  # at most
_GAP, _PAIRS_A_ROW = 12, 4  # pixels, pairs


def pair_sheet(pairs: Iterable[tuple[NDArray[np.uint8], NDArray[np.uint8]]]) -> bytes:
    """Return a PNG of pairs, four a row, each picture made to fit 96 x 96 pixels.

    Parameters
    ----------
    pairs : uint8[height, width, 3] each, of any size; at least one pair

    Notes
    -----
    Pictures are drawn anew: no byte of a file is in the sheet.
    """
    side_by_side = (tiled([fitted(one), fitted(other)], 2) for one, other in pairs)
    padded = [np.pad(pair, ((0, _GAP), (0, _GAP), (0, 0)), constant_values=255) for pair in side_by_side]
    return png(tiled(padded, _PAIRS_A_ROW))

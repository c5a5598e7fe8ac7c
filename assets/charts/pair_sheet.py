"""A sheet of pairs of pictures, two side by side: what was dropped, and because of what."""

import io
import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

N_PAIRS = 24  # at most
_SIDE, _GAP, _PAIRS_A_ROW = 96, 12, 4  # pixels, pixels, pairs


def pair_sheet(pairs: Iterable[tuple[NDArray[np.uint8], NDArray[np.uint8]]]) -> bytes:
    """Return a PNG of pairs, four a row, each picture made to fit 96 x 96 pixels.

    Parameters
    ----------
    pairs : uint8[height, width, 3] each, of any size; at least one pair

    Notes
    -----
    Pictures are drawn anew: no byte of a file is in the sheet.
    """
    rows = [np.concatenate([_thumbnail(one), _thumbnail(other)], axis=1) for one, other in pairs]
    rows = [np.pad(row, ((0, _GAP), (0, _GAP), (0, 0)), constant_values=255) for row in rows]
    columns = min(_PAIRS_A_ROW, len(rows))
    rows += [np.full_like(rows[0], 255)] * (math.ceil(len(rows) / columns) * columns - len(rows))
    lines = [np.concatenate(rows[i : i + columns], axis=1) for i in range(0, len(rows), columns)]
    from PIL import Image

    sink = io.BytesIO()
    Image.fromarray(np.concatenate(lines)).save(sink, "PNG", optimize=False)
    return sink.getvalue()


def _thumbnail(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Fit a picture into a white square: uint8[96, 96, 3]."""
    from PIL import Image

    scale = _SIDE / max(pixels.shape[:2])
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    square = np.full((_SIDE, _SIDE, 3), 255, np.uint8)
    top, left = (_SIDE - height) // 2, (_SIDE - width) // 2
    small = Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC)
    square[top : top + height, left : left + width] = np.asarray(small)
    return square

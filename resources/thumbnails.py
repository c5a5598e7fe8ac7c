"""Small pictures of images, decoded and encoded again: no byte of a stranger's file is in one of them."""

import base64
import io
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from guyot.images.decode import ImageProblem, decode

SIDE = 96
MAX_PIXELS = 64_000_000
_JPEG_QUALITY = 85
_EMPTY = 255  # around an image that is no square
_UNSEEN = 200  # in place of an image that cannot be decoded
Pixels = NDArray[np.uint8]


def thumbnail(content: bytes, side: int = SIDE, *, max_pixels: int = MAX_PIXELS) -> Pixels:
    """Fit an encoded image into a square: uint8[side, side, 3]; grey where it cannot be decoded.

    Parameters
    ----------
    content : any bytes
    side : pixels
    max_pixels : width times height, above which nothing is decoded
    """
    found = decode(content, max_pixels=max_pixels)
    if isinstance(found, ImageProblem):
        return np.full((side, side, 3), _UNSEEN, np.uint8)
    return fitted(found.pixels, side)


def fitted(pixels: Pixels, side: int = SIDE) -> Pixels:
    """Fit pixels into a square, in the middle of white: uint8[side, side, 3].

    Parameters
    ----------
    pixels : uint8[height, width, 3]

    Examples
    --------
    >>> fitted(np.zeros((10, 20, 3), np.uint8), 4)[:, 0, 0].tolist()
    [255, 0, 0, 255]
    """
    from PIL import Image

    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))
    found = np.full((side, side, 3), _EMPTY, np.uint8)
    top, left = (side - size[1]) // 2, (side - size[0]) // 2
    found[top : top + size[1], left : left + size[0]] = small
    return found


def tiled(pictures: Sequence[Pixels], columns: int) -> Pixels:
    """Put pictures of one size side by side, row by row: uint8[rows x height, columns x width, 3].

    Parameters
    ----------
    pictures : uint8[height, width, 3] each, at least one
    columns : of a row, or fewer where there are fewer pictures
    """
    columns = min(columns, len(pictures))
    blank = np.full_like(pictures[0], _EMPTY)
    filled = [*pictures, *[blank] * (math.ceil(len(pictures) / columns) * columns - len(pictures))]
    rows = [np.concatenate(filled[i : i + columns], axis=1) for i in range(0, len(filled), columns)]
    return np.concatenate(rows)


def png(pixels: Pixels) -> bytes:
    """Encode pixels as a PNG."""
    return _encoded(pixels, "PNG", optimize=False)


def data_uri(pixels: Pixels) -> str:
    """Encode pixels as a JPEG in a data URI, some 3 KB for a thumbnail."""
    jpeg = _encoded(pixels, "JPEG", quality=_JPEG_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def _encoded(pixels: Pixels, form: str, **options: int) -> bytes:
    """Encode pixels."""
    from PIL import Image

    sink = io.BytesIO()
    Image.fromarray(pixels).save(sink, form, **options)
    return sink.getvalue()

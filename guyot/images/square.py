"""Images of one size, as a model reads them."""

import numpy as np
from numpy.typing import NDArray


def square_pixels(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Scale an image to a square, whatever its shape: nothing is cut off.

    Parameters
    ----------
    pixels : uint8[height, width, 3]
    side : pixels of the result's sides

    Returns
    -------
    uint8[side, side, 3], bilinear, over all pixels that fall into one; those given where the size is right

    Examples
    --------
    >>> square_pixels(np.full((4, 8, 3), 7, np.uint8), 2).tolist()
    [[[7, 7, 7], [7, 7, 7]], [[7, 7, 7], [7, 7, 7]]]
    """
    if pixels.shape[:2] == (side, side):
        return pixels
    from PIL import Image

    scaled = Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(scaled, np.uint8)

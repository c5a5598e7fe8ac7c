"""Numbers that describe an image's pixels.

Grey is 0.299 red + 0.587 green + 0.114 blue, rounded down to whole steps, 0 to 255.

- width, height: pixels, after EXIF's orientation. aspect: width / height.
- entropy: of the histogram of grey, in bits, 0 to 8; 0 for one colour.
- brightness: mean grey, 0 to 1.
- sharpness: variance of the Laplacian of grey (4 neighbours, inner pixels alone), in squared grey steps; low
  for blurred and plain images, and higher for noise than for detail (after Pech-Pacheco et al. 2000,
  10.1109/ICPR.2000.903548). It depends on the image's size. 0 where a side is under 3 pixels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RED, _GREEN, _BLUE, _WHOLE = 19595, 38470, 7471, 65536  # which add up
_STRIP_PIXELS = 1 << 20  # measured at a time


@dataclass(frozen=True)
class ImageSignals:
    """Signals of an image; the module's docstring describes each."""

    width: int
    height: int
    aspect: float
    entropy: float
    sharpness: float
    brightness: float


def image_signals(pixels: NDArray[np.uint8]) -> ImageSignals:
    """Measure an image.

    Parameters
    ----------
    pixels : uint8[height, width, 3], RGB

    Notes
    -----
    O(pixels), in strips of a million pixels: 20 MB of memory whatever the image's size. Sums are of whole
    numbers, so that the strips change nothing.

    Examples
    --------
    >>> plain = image_signals(np.full((4, 8, 3), 51, np.uint8))
    >>> plain.aspect, plain.entropy, plain.sharpness, plain.brightness
    (2.0, 0.0, 0.0, 0.2)
    """
    height, width = pixels.shape[:2]
    counts = np.zeros(256, np.int64)
    total = squares = n_inner = 0
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        grey = _grey(pixels[max(top - 1, 0) : min(top + rows + 1, height)])  # with a row around it, if any
        own = slice(top - max(top - 1, 0), top - max(top - 1, 0) + min(rows, height - top))
        counts += np.bincount(grey[own].ravel(), minlength=256)
        laplacian = _laplacian(grey)
        total += int(laplacian.sum())
        squares += int((laplacian * laplacian).sum())
        n_inner += laplacian.size
    shares = counts[counts > 0] / counts.sum()
    return ImageSignals(
        width=width,
        height=height,
        aspect=width / height,
        entropy=abs(float(-(shares * np.log2(shares)).sum())),
        sharpness=squares / n_inner - (total / n_inner) ** 2 if n_inner else 0.0,
        brightness=float(counts @ np.arange(256)) / (255 * height * width),
    )


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Weight the colours: int64[height, width], 0 to 255."""
    red, green, blue = (pixels[:, :, channel].astype(np.int64) for channel in range(3))
    return (_RED * red + _GREEN * green + _BLUE * blue) // _WHOLE


def _laplacian(grey: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the difference of the inner pixels' four neighbours from four times the pixel."""
    if min(grey.shape) < 3:
        return np.zeros(0, np.int64)
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return around - 4 * grey[1:-1, 1:-1]

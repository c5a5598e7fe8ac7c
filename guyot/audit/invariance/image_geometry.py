"""Transformations of images that move what is shown; see `image_transformations` for what they mean.

A magnitude of 0 leaves an image as it is. What comes in at a border is the image reflected there.
"""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
SHIFT, TURN, ENLARGED, REDUCED, CROPPED = 0.2, np.pi, 0.6, 1.5, 0.75  # at magnitude 1


def translation(pixels: Pixels, magnitude: float, stream: np.random.Generator) -> Pixels:
    """Shift an image by whole pixels, one at least.

    Parameters
    ----------
    magnitude : of a fifth of the shorter side
    stream : draws the direction

    Examples
    --------
    >>> from guyot.seeds import generator
    >>> ramp = np.repeat(np.arange(10, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(10, axis=0)
    >>> np.abs(translation(ramp, 1, generator(0, "doc")).astype(int) - ramp).max() <= 2
    np.True_
    """
    angle = stream.uniform(0, 2 * np.pi)
    if not magnitude:
        return pixels.copy()
    length = magnitude * SHIFT * min(pixels.shape[:2])
    down, right = round(length * np.sin(angle)), round(length * np.cos(angle))
    if not down and not right:
        right = 1 if np.cos(angle) >= 0 else -1
    return shifted(pixels, down, right)


def shifted(pixels: Pixels, down: int, right: int) -> Pixels:
    """Shift an image by whole pixels; what comes in is the image reflected at its border.

    Examples
    --------
    >>> row = np.arange(4, dtype=np.uint8)[None, :, None]
    >>> shifted(row, 0, 1).ravel().tolist(), shifted(row, 0, -2).ravel().tolist()
    ([0, 0, 1, 2], [2, 3, 3, 2])
    """
    height, width = pixels.shape[:2]
    return pixels[_reflected(height, height, -down)[:, None], _reflected(width, width, -right)]


def rotation(pixels: Pixels, magnitude: float, stream: np.random.Generator) -> Pixels:
    """Turn an image about its centre, between pixels by bilinear interpolation.

    Parameters
    ----------
    magnitude : of 180 degrees
    stream : draws which way
    """
    sign = 1 if stream.random() < 0.5 else -1
    if not magnitude:
        return pixels.copy()
    angle = sign * magnitude * TURN
    middle = (np.array(pixels.shape[:2]) - 1) / 2
    down, right = np.mgrid[: pixels.shape[0], : pixels.shape[1]] - middle[:, None, None]
    cosine, sine = np.cos(angle), np.sin(angle)
    return _between(
        pixels, middle[0] + cosine * down + sine * right, middle[1] + cosine * right - sine * down
    )


def zoom(pixels: Pixels, magnitude: float, stream: np.random.Generator) -> Pixels:
    """Enlarge an image about its centre; its size stays, so its border is cut off.

    Parameters
    ----------
    magnitude : of an enlargement by 0.6
    stream : is not drawn from
    """
    share = 1 / (1 + ENLARGED * magnitude)
    return _scaled_part(pixels, share, 0.5, 0.5)


def shrink(pixels: Pixels, magnitude: float, stream: np.random.Generator) -> Pixels:
    """Make an image smaller about its centre; around it it is reflected.

    Parameters
    ----------
    magnitude : 1 + 1.5 times it is what the sides are divided by
    stream : is not drawn from
    """
    from PIL import Image

    if not magnitude:
        return pixels.copy()
    size = np.array(pixels.shape[:2])
    small = np.maximum(1, np.rint(size / (1 + REDUCED * magnitude)).astype(int))
    scaled = Image.fromarray(pixels).resize((int(small[1]), int(small[0])), Image.Resampling.BICUBIC)
    before = (size - small) // 2
    rows, columns = (_reflected(int(small[i]), int(size[i]), -int(before[i])) for i in (0, 1))
    return np.asarray(scaled)[rows[:, None], columns]


def crop(pixels: Pixels, magnitude: float, stream: np.random.Generator) -> Pixels:
    """Cut a part of the same proportions out of an image, and scale it to the whole.

    Parameters
    ----------
    magnitude : share, of three quarters of the area, that is lost
    stream : draws the place
    """
    down, right = stream.random(2)
    return _scaled_part(pixels, (1 - CROPPED * magnitude) ** 0.5, down, right)


def rounded(values: NDArray[np.floating]) -> Pixels:
    """Round to whole values from 0 to 255.

    Parameters
    ----------
    values : float[...]

    Examples
    --------
    >>> rounded(np.array([-1, 1.6, 300])).tolist()
    [0, 2, 255]
    """
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)


def _scaled_part(pixels: Pixels, share: float, down: float, right: float) -> Pixels:
    """Scale a part of an image, a share of each side, to the whole; its place is 0 to 1 each way."""
    from PIL import Image

    height, width = pixels.shape[:2]
    top, left = down * (1 - share) * height, right * (1 - share) * width
    box = (left, top, min(left + share * width, width), min(top + share * height, height))
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC, box))


def _between(pixels: Pixels, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> Pixels:
    """Read an image between its pixels, by bilinear interpolation: uint8 of the shape of the places."""
    top, left = np.floor(rows).astype(np.int64), np.floor(columns).astype(np.int64)
    lower, right = (rows - top)[..., None], (columns - left)[..., None]
    height, width = pixels.shape[:2]
    two_rows = [_inside(top + i, height) for i in (0, 1)]
    two_columns = [_inside(left + i, width) for i in (0, 1)]
    above, below = (
        pixels[row, two_columns[0]] * (1 - right) + pixels[row, two_columns[1]] * right for row in two_rows
    )
    return rounded(above * (1 - lower) + below * lower)


def _reflected(size: int, n_places: int, begin: int) -> NDArray[np.int64]:
    """Return the places inside a side that a run of places, from `begin` on, are reflections of."""
    return _inside(np.arange(begin, begin + n_places, dtype=np.int64), size)


def _inside(places: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return the places inside a side that places anywhere are reflections of."""
    inside = places % (2 * size)
    return np.where(inside < size, inside, 2 * size - 1 - inside)

"""Transformations of images, each with a magnitude: what an encoder should, or should not, overlook.

The counterparts for images of `text_transformations`, after Bouchacourt, Ibrahim and Morcos 2021
(arXiv:2106.05121), section 4. A magnitude of 0 leaves an image as it is, 1 is the most:

| name | at magnitude 1 |
| --- | --- |
| translation | by a fifth of the shorter side, in any direction |
| rotation | by 180 degrees about the centre, either way |
| zoom | 1.6 times larger about the centre, the size of the image stays |
| shrink | 2.5 times smaller about the centre |
| crop | a quarter of the area is left, from anywhere, scaled to the whole |
| darkening | a fifth of each value is left |
| desaturation | grey of the same luma (Rec. 601) |
| hue | colours turned by 180 degrees about the axis of greys, either way; values are clipped |
| blur | Gaussian, of a standard deviation of 1/32 of the shorter side |
| noise | Gaussian, each value by itself, of a standard deviation of 60 of 255 |
| jpeg | encoded with quality 10 and decoded; 95 at magnitude 0+ |

In between they grow linearly, but for crop's area, which shrinks linearly. What comes in at a border is the
image reflected there, the outermost pixels twice. Where we differ: the paper pads with one colour, which an
encoder sees as an object, and goes farther (translation by the whole side, scale 1/3.5 to 3.5).
"""

import io
from collections.abc import Callable

import numpy as np

from guyot.audit.invariance.image_geometry import (
    TURN,
    Pixels,
    crop,
    rotation,
    rounded,
    shrink,
    translation,
    zoom,
)

ImageTransformation = Callable[[Pixels, float, np.random.Generator], Pixels | None]
DARKENED, BLURRED, NOISE = 0.8, 1 / 32, 60.0
BEST_QUALITY, QUALITY_LOST = 95, 85
_LUMA = np.array([0.299, 0.587, 0.114])


def darkening(pixels: Pixels, magnitude: float, stream: np.random.Generator) -> Pixels:
    """Multiply all values by the same number below 1.

    Parameters
    ----------
    magnitude : share, of four fifths, that is lost
    stream : is not drawn from

    Examples
    --------
    >>> from guyot.seeds import generator
    >>> darkening(np.full((1, 1, 3), 200, np.uint8), 0.5, generator(0, "doc")).ravel().tolist()
    [120, 120, 120]
    """
    return rounded(pixels * (1 - DARKENED * magnitude))


def desaturation(pixels: Pixels, magnitude: float, stream: np.random.Generator) -> Pixels | None:
    """Mix colours with the grey of their luma.

    Parameters
    ----------
    magnitude : share of grey
    stream : is not drawn from

    Returns
    -------
    None where the image is grey.
    """
    if _is_grey(pixels):
        return None
    grey = (pixels @ _LUMA)[:, :, None]
    return rounded(pixels + magnitude * (grey - pixels))


def hue(pixels: Pixels, magnitude: float, stream: np.random.Generator) -> Pixels | None:
    """Turn colours about the axis of greys; the mean of red, green and blue stays, but for clipping.

    Parameters
    ----------
    magnitude : of 180 degrees; two thirds make red green, or blue
    stream : draws which way

    Returns
    -------
    None where the image is grey.
    """
    sign = 1 if stream.random() < 0.5 else -1
    if _is_grey(pixels):
        return None
    angle = sign * magnitude * TURN
    along = (1 - np.cos(angle)) / 3
    across = np.sin(angle) / 3**0.5
    first, second = along - across, along + across
    turned = np.cos(angle) * np.eye(3) + np.array(
        [[along, first, second], [second, along, first], [first, second, along]]
    )
    return rounded(pixels @ turned.T)


def blur(pixels: Pixels, magnitude: float, stream: np.random.Generator) -> Pixels:
    """Blur an image by what Pillow has for a Gaussian: three passes of box filters.

    Parameters
    ----------
    magnitude : standard deviation, of 1/32 of the shorter side
    stream : is not drawn from
    """
    from PIL import Image, ImageFilter

    deviation = float(magnitude * BLURRED * min(pixels.shape[:2]))
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(deviation)))


def noise(pixels: Pixels, magnitude: float, stream: np.random.Generator) -> Pixels:
    """Add Gaussian noise, another to each value.

    Parameters
    ----------
    magnitude : standard deviation, of 60 of 255
    stream : draws it
    """
    return rounded(pixels + magnitude * NOISE * stream.standard_normal(pixels.shape))


def jpeg(pixels: Pixels, magnitude: float, stream: np.random.Generator) -> Pixels:
    """Encode an image as a JPEG, with half of the resolution of colours, and decode it.

    Parameters
    ----------
    magnitude : quality is 95 - 85 times it
    stream : is not drawn from
    """
    from PIL import Image

    if not magnitude:
        return pixels.copy()
    encoded = io.BytesIO()
    quality = round(BEST_QUALITY - QUALITY_LOST * magnitude)
    Image.fromarray(pixels).save(encoded, "JPEG", quality=quality, subsampling="4:2:0")
    with Image.open(encoded) as image:
        return np.asarray(image)


IMAGE_TRANSFORMATIONS: dict[str, ImageTransformation] = {
    "translation": translation,
    "rotation": rotation,
    "zoom": zoom,
    "shrink": shrink,
    "crop": crop,
    "darkening": darkening,
    "desaturation": desaturation,
    "hue": hue,
    "blur": blur,
    "noise": noise,
    "jpeg": jpeg,
}


def _is_grey(pixels: Pixels) -> bool:
    """Return whether an image has no colour."""
    return bool((pixels == pixels[:, :, :1]).all())

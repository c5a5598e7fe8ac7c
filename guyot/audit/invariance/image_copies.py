"""Copies of images by every transformation, in several strengths and ways: what a search chooses from."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from guyot.audit.invariance.image_transformations import IMAGE_TRANSFORMATIONS, Pixels
from guyot.encoders.pixel_encoder import ImageEncoder
from guyot.seeds import generator

COPY_MAGNITUDES = (0.25, 0.5, 0.75, 1.0)
WAYS: Mapping[str, int] = {"translation": 8, "rotation": 2, "crop": 4, "hue": 2}  # of others there is one
N_COPIES = sum(len(COPY_MAGNITUDES) * WAYS.get(name, 1) for name in IMAGE_TRANSFORMATIONS)


def copies_of(images: Sequence[Pixels], name: str, seed: int) -> Iterator[Pixels]:
    """Yield copies by one transformation: all images the first way, then all the next one.

    Parameters
    ----------
    seed : draws the ways, such as directions, the same for all images

    Yields
    ------
    The image itself where a transformation has no place in it.
    """
    for magnitude in COPY_MAGNITUDES:
        for way in range(WAYS.get(name, 1)):
            for pixels in images:
                stream = generator(seed, "data-factors", name, way)
                found = IMAGE_TRANSFORMATIONS[name](pixels, magnitude, stream)
                yield pixels if found is None else found


def encoded_copies(
    images: Sequence[Pixels], encoder: ImageEncoder, seed: int, names: Sequence[str] = ()
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Encode copies: by transformation, float32[k, n, width] of n images.

    Parameters
    ----------
    names : of transformations; empty: all

    Examples
    --------
    >>> from guyot.encoders.pixel_encoder import PixelEncoder
    >>> ramp = np.tile(np.arange(0, 256, 4, np.uint8)[:, None, None], (1, 64, 3))
    >>> ((name, found),) = encoded_copies([ramp], PixelEncoder(), 0, ["zoom"])
    >>> name, found.shape
    ('zoom', (4, 1, 256))
    """
    for name in names or IMAGE_TRANSFORMATIONS:
        rows = encoder.encode(copies_of(images, name, seed))
        yield name, rows.reshape(-1, len(images), rows.shape[1])

"""Encoders turn images into unit vectors; `PixelEncoder` needs no weights.

It sees an image's layout of colours and its edges, not what is shown: it finds copies that were resized or
encoded anew, fast. A row depends on its image alone, whatever the batch.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from guyot.identity import fingerprint
from guyot.seeds import generator

GRID, CELLS, DIRECTIONS = 16, 4, 8
PROJECTION_SEED = 0
_ALGORITHM = 1  # raise it when the same pixels would get other vectors
_SIZE = 2 * GRID  # at which edges are measured
_CONSTANT = 0.25  # so that an image of one colour has a vector too, and grey is not opposite to black


class ImageEncoder(Protocol):
    """Turns images into vectors. Equal `id`s mean equal vectors, up to the machine's rounding."""

    @property
    def id(self) -> str:
        """Hash all values that decide the vectors."""
        ...

    @property
    def width(self) -> int:
        """Count the dimensions of a vector."""
        ...

    def encode(self, images: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return float32[n, width], unit rows.

        Parameters
        ----------
        images : n images uint8[height, width, 3], RGB, of any size; each is let go before the next one
        """
        ...


@dataclass(frozen=True)
class PixelEncoder:
    """Encode images by their colours on a grid and the directions of their edges, without any weights.

    Parameters
    ----------
    width : dimensions of a vector

    Notes
    -----
    O(pixels) per image. Colours: RGB averaged over 16 x 16 areas, less the image's mean, beside that mean.
    Edges: at 32 x 32, gradients by direction (8) and place (4 x 4), weighted by their strength, after the
    histograms of Dalal and Triggs 2005 (10.1109/CVPR.2005.177). Both parts have the same weight and are
    projected by one fixed matrix of random numbers. Two images of one colour differ by their colours alone.

    Examples
    --------
    >>> ramp = np.tile(np.arange(0, 256, 4, np.uint8)[:, None, None], (1, 64, 3))
    >>> one, small, other = PixelEncoder().encode([ramp, ramp[::2, ::2], ramp.swapaxes(0, 1)])
    >>> bool(one @ small > 0.99 > 0.8 > one @ other)
    True
    """

    width: int = 256

    @property
    def id(self) -> str:
        """Hash all values that decide the vectors."""
        values = [_ALGORITHM, self.width, GRID, CELLS, DIRECTIONS, PROJECTION_SEED]
        return fingerprint(["pixels", *values])

    def encode(self, images: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return float32[n, width], unit rows.

        Parameters
        ----------
        images : n images uint8[height, width, 3], RGB
        """
        rows = [(_features(image) @ _projection(self.width)) for image in images]
        found = np.array(rows, np.float64).reshape(len(rows), self.width)
        return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def _features(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the colours and edges of an image, each part of at most unit length, and a constant."""
    from PIL import Image

    small = Image.fromarray(pixels).resize((_SIZE, _SIZE), Image.Resampling.BOX)
    colours = np.asarray(small, np.float64) / 255
    cells = colours.reshape(GRID, 2, GRID, 2, 3).mean(axis=(1, 3))
    mean = cells.mean(axis=(0, 1))
    return np.concatenate([_scaled(cells - mean), _scaled(_edges(colours.mean(axis=2))), mean, [_CONSTANT]])


def _edges(grey: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the strength of gradients by place and direction, float64[4 * 4 * 8]."""
    down, right = np.gradient(grey)
    strength = np.hypot(down, right)
    turn = (np.arctan2(down, right) / (2 * np.pi)) % 1 * DIRECTIONS
    lower = np.floor(turn).astype(np.int64) % DIRECTIONS
    share = turn - np.floor(turn)  # two neighbours share a direction between them
    place = np.arange(_SIZE) // (_SIZE // CELLS)
    bins = (place[:, None] * CELLS + place) * DIRECTIONS
    found = np.zeros(CELLS * CELLS * DIRECTIONS)
    np.add.at(found, bins + lower, strength * (1 - share))
    np.add.at(found, bins + (lower + 1) % DIRECTIONS, strength * share)
    return found


def _scaled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale to unit length; what is nearly nothing, as in an image of one colour, stays so."""
    flat = values.ravel()
    return flat / max(float(np.linalg.norm(flat)), 0.1)


@lru_cache(maxsize=4)
def _projection(width: int) -> NDArray[np.float64]:
    """Draw the projection, float64[features, width]."""
    n_features = GRID * GRID * 3 + CELLS * CELLS * DIRECTIONS + 4
    return generator(PROJECTION_SEED, "pixel-encoder", width).standard_normal((n_features, width))

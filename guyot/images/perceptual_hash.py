"""A perceptual hash: 64 bits of which few differ between an image and its resized or re-encoded copies."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def perceptual_hash(pixels: NDArray[np.uint8]) -> int:
    """Hash what an image looks like, in 64 bits.

    Parameters
    ----------
    pixels : uint8[height, width, 3], RGB

    Returns
    -------
    The signs, against their median, of the 8 x 8 lowest frequencies of the grey image at 32 x 32 (ImageHash's
    `phash`), row by row, the first in the highest bit. Images without contrast share a hash.

    Notes
    -----
    Count the bits in which two differ with `differing_bits`: copies of another size or encoding mostly differ
    in fewer than 10, unrelated images in about 32.

    Examples
    --------
    >>> ramp = np.tile(np.arange(0, 256, 4, np.uint8)[:, None, None], (1, 64, 3))
    >>> differing_bits(perceptual_hash(ramp), perceptual_hash(np.ascontiguousarray(ramp[::2, ::2])))
    0
    """
    import imagehash  # it has no types
    from PIL import Image

    found: Any = imagehash.phash(Image.fromarray(pixels))  # pyright: ignore[reportUnknownMemberType]
    return int.from_bytes(np.packbits(found.hash.ravel()).tobytes(), "big")


def differing_bits(one: int, other: int) -> int:
    """Count the bits in which two hashes differ, 0 to 64.

    Examples
    --------
    >>> differing_bits(0b1100, 0b1010)
    2
    """
    return (one ^ other).bit_count()

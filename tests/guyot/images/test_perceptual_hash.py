"""The perceptual hash: few bits between copies, many between others, and the bits of ImageHash."""

import imagehash
import numpy as np
from PIL import Image
from support.images import encoded, picture, resized

from guyot.images.decode import decode
from guyot.images.perceptual_hash import differing_bits, perceptual_hash


def test_copies_are_near_and_others_far():
    pictures = [picture(n, 96, 80) for n in range(12)]
    hashes = [perceptual_hash(one) for one in pictures]
    jpeg = [
        perceptual_hash(decode(encoded(p, "JPEG", quality=60), max_pixels=10**6).pixels) for p in pictures
    ]
    small = [perceptual_hash(resized(p, 60, 50)) for p in pictures]
    copies = [differing_bits(a, b) for of in (jpeg, small) for a, b in zip(hashes, of, strict=True)]
    others = [differing_bits(a, b) for n, a in enumerate(hashes) for b in hashes[:n]]
    assert max(copies) < 10 < min(others)
    assert 20 < np.mean(others) < 40


def test_its_bits_are_those_of_the_library_in_order():
    pixels = picture(4)
    found = perceptual_hash(pixels)
    assert 0 <= found < 1 << 64
    assert f"{found:016x}" == str(imagehash.phash(Image.fromarray(pixels)))

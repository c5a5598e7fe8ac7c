"""Files of a rendering: lossless or with loss, of the same bytes each time."""

import numpy as np
import pytest

from guyot.scenes.factors import ENCODINGS
from resources.scenes.encodings import decode, encode, version

PIXELS = (np.arange(96 * 96 * 3).reshape(96, 96, 3) // 60 % 256).astype(np.uint8)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_encoding_has_the_same_bytes_each_time_and_the_same_size_in_pixels(encoding):
    content = encode(PIXELS, encoding)
    assert content == encode(PIXELS.copy(), encoding)
    assert content.startswith(b"\xff\xd8" if encoding.startswith("jpeg") else b"\x89PNG")
    assert decode(content).shape == PIXELS.shape


def test_png_loses_nothing_and_the_others_more_in_their_order():
    lost = {
        encoding: np.abs(decode(encode(PIXELS, encoding)).astype(float) - PIXELS).mean()
        for encoding in ENCODINGS
    }
    assert lost["png"] == 0
    assert 0 < lost["jpeg-90"] < lost["jpeg-50"]
    assert 0 < lost["resize-64"] < lost["resize-48"]


def test_the_version_is_pillows():
    assert version().startswith("pillow ")

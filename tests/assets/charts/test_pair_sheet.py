"""The sheet of pairs: each picture in its place, whatever its size."""

import io

import numpy as np
from PIL import Image

from assets.charts.pair_sheet import pair_sheet


def test_pairs_lie_side_by_side_four_a_row_and_pictures_keep_their_shape() -> None:
    wide = np.full((10, 40, 3), (255, 0, 0), np.uint8)
    large = np.full((300, 300, 3), (0, 0, 255), np.uint8)
    line = np.zeros((1, 500, 3), np.uint8)
    content = pair_sheet([(wide, large)] * 4 + [(line, large)])
    pixels = np.asarray(Image.open(io.BytesIO(content)))
    assert pixels.shape == (2 * 108, 4 * 204, 3)
    first = pixels[:96, :192]
    assert first[48, 48].tolist() == [255, 0, 0]
    assert first[10, 48].tolist() == [255, 255, 255], "a wide picture is not stretched"
    assert (first[:, 96:] == (0, 0, 255)).all()
    assert (pixels[108:, 204:] == 255).all(), "places without a pair are white"
    assert pair_sheet([(wide, large)] * 4 + [(line, large)]) == content

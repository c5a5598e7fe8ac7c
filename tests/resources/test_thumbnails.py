"""Thumbnails: fitted into a square, encoded anew, and grey where there is no image."""

import base64

import numpy as np
import pytest
from support.images import encoded, picture

from guyot.images.decode import DecodedImage, decode
from resources.thumbnails import data_uri, fitted, png, thumbnail, tiled


def decoded(content: bytes) -> np.ndarray:
    found = decode(content, max_pixels=10**6)
    assert isinstance(found, DecodedImage)
    return found.pixels


@pytest.mark.parametrize(("height", "width", "top", "left"), [(20, 40, 2, 0), (40, 20, 0, 2), (3, 3, 0, 0)])
def test_an_image_fills_the_square_by_its_longer_side(height: int, width: int, top: int, left: int) -> None:
    found = fitted(np.zeros((height, width, 3), np.uint8), 8)
    expected = np.full((8, 8, 3), 255, np.uint8)
    expected[top : 8 - top, left : 8 - left] = 0
    assert np.array_equal(found, expected)


def test_a_line_of_pixels_stays_visible() -> None:
    assert (fitted(np.zeros((1, 500, 3), np.uint8), 8) == 0).all(axis=(1, 2)).sum() == 1


def test_averages_of_what_falls_on_a_pixel() -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[:2, :2] = 100
    pixels[0, 0] = 200
    assert fitted(pixels, 2)[:, :, 0].tolist() == [[125, 0], [0, 0]]


@pytest.mark.parametrize("content", [b"", b"<script>", encoded(picture(0))[:200]])
def test_what_cannot_be_decoded_is_grey(content: bytes) -> None:
    assert (thumbnail(content, 8) == 200).all()


def test_what_is_too_large_is_grey() -> None:
    assert (thumbnail(encoded(picture(0)), 8, max_pixels=100) == 200).all()


def test_no_byte_of_the_file_is_in_the_thumbnail() -> None:
    hidden = b"<script>alert(1)</script>"
    content = encoded(picture(1), "JPEG", comment=hidden)
    assert hidden in content
    shown = base64.b64decode(data_uri(thumbnail(content)).split(",")[1])
    assert hidden not in shown
    assert decoded(shown).shape == (96, 96, 3)


def test_tiles_go_row_by_row_and_what_is_missing_is_white() -> None:
    one, two, three = (np.full((2, 3, 3), value, np.uint8) for value in (1, 2, 3))
    found = tiled([one, two, three], 2)
    assert found[::2, ::3, 0].tolist() == [[1, 2], [3, 255]]
    assert tiled([one], 12).shape == (2, 3, 3)
    assert np.array_equal(decoded(png(found)), found)

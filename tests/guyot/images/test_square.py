"""Images scaled to a square."""

import numpy as np

from guyot.images.square import square_pixels


def test_halves_are_means_of_what_falls_into_a_pixel_and_nothing_is_cut_off() -> None:
    pixels = np.zeros((4, 8, 3), np.uint8)
    pixels[:, 4:] = 200
    found = square_pixels(pixels, 4)
    assert found.shape == (4, 4, 3)
    assert found[:, 0].tolist() == [[0, 0, 0]] * 4
    assert found[:, -1].tolist() == [[200, 200, 200]] * 4
    mirrored = square_pixels(pixels[:, ::-1], 4)
    assert np.array_equal(found[:, ::-1], mirrored)


def test_what_has_the_size_is_left_alone() -> None:
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert square_pixels(pixels, 4) is pixels

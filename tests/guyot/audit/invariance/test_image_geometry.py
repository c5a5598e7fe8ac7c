"""What is shown moves by what a magnitude says, to the pixel where that can be worked out by hand."""

import numpy as np
import pytest
from PIL import Image

from guyot.audit.invariance.image_geometry import Pixels, crop, rotation, shifted, shrink, translation, zoom


class Drawn:
    """Gives the numbers that it was told."""

    def __init__(self, *numbers: float) -> None:
        self._numbers = list(numbers)

    def uniform(self, low: float, high: float) -> float:
        return low + self._numbers.pop(0) * (high - low)

    def random(self, n: int | None = None) -> object:
        return self._numbers.pop(0) if n is None else [self._numbers.pop(0) for _ in range(n)]


def grey(rows: list[list[int]]) -> Pixels:
    return np.repeat(np.array(rows, np.uint8)[:, :, None], 3, axis=2)


def numbered(height: int, width: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)


def test_by_one_pixel_and_what_comes_in_is_reflected() -> None:
    image = grey([[1, 2, 3], [4, 5, 6]])
    assert shifted(image, 1, 0)[:, :, 0].tolist() == [[1, 2, 3], [1, 2, 3]]
    assert shifted(image, 0, -1)[:, :, 0].tolist() == [[2, 3, 3], [5, 6, 6]]
    assert shifted(image, 0, 3)[:, :, 0].tolist() == [[3, 2, 1], [6, 5, 4]]


def test_a_translation_is_a_fifth_of_the_shorter_side_and_a_pixel_at_least() -> None:
    image = numbered(20, 30)
    assert np.array_equal(translation(image, 1, Drawn(0)), shifted(image, 0, 4))  # type: ignore[arg-type]
    assert np.array_equal(translation(image, 0.5, Drawn(0.25)), shifted(image, 2, 0))  # type: ignore[arg-type]
    assert np.array_equal(translation(image, 0.01, Drawn(0.5)), shifted(image, 0, -1))  # type: ignore[arg-type]


def test_half_a_turn_is_a_quarter_twice_and_a_whole_one_both_flips() -> None:
    image = numbered(5, 5)
    assert np.array_equal(rotation(image, 1, Drawn(0)), image[::-1, ::-1])  # type: ignore[arg-type]
    quarters = {turned.tobytes() for turned in (np.rot90(image), np.rot90(image, -1))}
    assert {rotation(image, 0.5, Drawn(way)).tobytes() for way in (0, 0.9)} == quarters  # type: ignore[arg-type]


def test_between_pixels_it_is_bilinear() -> None:
    # turned by 45 degrees, the corner's neighbour (0, 1) of a 3 x 3 image is read at (1 - .707, 1 - .707)
    image = grey([[0, 0, 0], [0, 0, 0], [0, 0, 0]])
    image[0, 0] = 100
    place = 1 - 2**-0.5
    expected = 100 * (1 - place) ** 2
    found = {rotation(image, 0.25, Drawn(way))[0, 1, 0].item() for way in (0, 0.9)}  # type: ignore[arg-type]
    assert round(expected) in found


def test_zoom_keeps_the_middle_and_the_size() -> None:
    image = numbered(16, 32)
    found = zoom(image, 1, np.random.default_rng(0))
    box = (6, 3, 26, 13)  # 1 / 1.6 of each side
    wanted = np.asarray(Image.fromarray(image).resize((32, 16), Image.Resampling.BICUBIC, box))
    assert np.array_equal(found, wanted)


def test_shrink_is_the_image_made_smaller_in_the_middle_of_reflections() -> None:
    image = numbered(10, 20)
    found = shrink(image, 1, np.random.default_rng(0))
    small = np.asarray(Image.fromarray(image).resize((8, 4), Image.Resampling.BICUBIC))
    assert np.array_equal(found[3:7, 6:14], small)
    assert np.array_equal(found[2, 6:14], small[0])
    assert np.array_equal(found[3:7, 14], small[:, 7])
    assert np.array_equal(found[3:7, 15], small[:, 6])


def test_a_crop_leaves_a_quarter_of_the_area_from_where_it_is_drawn() -> None:
    image = numbered(20, 40)
    found = crop(image, 1, Drawn(0, 1))  # type: ignore[arg-type]
    wanted = Image.fromarray(image).resize((40, 20), Image.Resampling.BICUBIC, (20, 0, 40, 10))
    assert np.array_equal(found, np.asarray(wanted))


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (3, 2)])
def test_the_smallest_images_have_results_too(shape: tuple[int, int]) -> None:
    for transform in (translation, rotation, zoom, shrink, crop):
        for magnitude in (0.1, 1.0):
            found = transform(numbered(*shape), magnitude, np.random.default_rng(0))
            assert (found.shape, found.dtype) == ((*shape, 3), np.uint8)

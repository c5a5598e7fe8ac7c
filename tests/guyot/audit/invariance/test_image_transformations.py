"""Colours change by what a magnitude says; nothing changes at 0, and the same stream gives the same pixels."""

import io

import numpy as np
import pytest
from PIL import Image
from support.images import picture

from guyot.audit.invariance.image_transformations import (
    IMAGE_TRANSFORMATIONS,
    blur,
    darkening,
    desaturation,
    hue,
    jpeg,
    noise,
)

RED = np.full((2, 3, 3), (200, 10, 30), np.uint8)


def stream(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", list(IMAGE_TRANSFORMATIONS))
def test_nothing_changes_at_0_and_more_at_more(name: str) -> None:
    image = picture(3)
    kept = image.copy()
    transform = IMAGE_TRANSFORMATIONS[name]
    found = [transform(image, magnitude, stream()) for magnitude in (0.0, 0.1, 1.0)]
    moved = [np.abs(one.astype(float) - image).mean() for one in found if one is not None]
    assert moved[0] == 0 < moved[1] < moved[2]
    for one in found:
        assert one is not None
        assert (one.shape, one.dtype) == (image.shape, np.uint8)
    again = transform(image, 1.0, stream())
    assert again is not None
    assert found[2] is not None
    assert again.tobytes() == found[2].tobytes()
    assert image.tobytes() == kept.tobytes(), "what was given is left as it is"
    drawn = {transform(image, 1.0, stream(seed)).tobytes() for seed in range(8)}  # type: ignore[union-attr]
    draws = name in ("translation", "rotation", "crop", "hue", "noise")
    # by half a turn both ways are one
    assert (len(drawn) > 1) == (draws and name not in ("rotation", "hue"))


def test_a_fifth_of_the_light_is_left() -> None:
    assert darkening(RED, 1, stream())[0, 0].tolist() == [40, 2, 6]
    assert darkening(RED, 0.5, stream())[0, 0].tolist() == [120, 6, 18]


def test_grey_is_of_the_same_luma_and_grey_images_have_no_place() -> None:
    luma = 0.299 * 200 + 0.587 * 10 + 0.114 * 30  # 69.09
    found = desaturation(RED, 1, stream())
    assert found is not None
    assert found[0, 0].tolist() == [69, 69, 69]
    half = desaturation(RED, 0.5, stream())
    assert half is not None
    assert half[0, 0].tolist() == [round((value + luma) / 2) for value in (200, 10, 30)]
    grey = np.full((2, 2, 3), 7, np.uint8)
    assert desaturation(grey, 1, stream()) is None
    assert hue(grey, 1, stream()) is None


def test_a_third_of_a_turn_exchanges_colours_and_half_of_one_reflects_them() -> None:
    turned = {tuple(hue(RED, 2 / 3, stream(seed))[0, 0].tolist()) for seed in range(8)}  # type: ignore[index]
    assert turned == {(30, 200, 10), (10, 30, 200)}
    # half a turn: twice the mean, 80, less each value, and what is below 0 is clipped
    found = hue(RED, 1, stream())
    assert found is not None
    assert found[0, 0].tolist() == [0, 150, 130]


def test_a_blurred_point_spreads_as_far_as_it_should() -> None:
    image = np.zeros((128, 128, 3), np.uint8)
    image[60:68, 60:68] = 255
    found = blur(image, 1, stream())[:, :, 0].astype(float)
    share = found.sum(axis=0) / found.sum()
    places = np.arange(128)
    variance = share @ (places - share @ places) ** 2
    assert variance == pytest.approx((8**2 - 1) / 12 + 4**2, rel=0.05)  # of the square, and of the blur


def test_noise_has_the_deviation_that_it_should() -> None:
    image = np.full((100, 100, 3), 128, np.uint8)
    moved = noise(image, 0.5, stream()).astype(float) - 128
    assert moved.std() == pytest.approx(30, rel=0.02)
    assert abs(np.corrcoef(moved[:, :, 0].ravel(), moved[:, :, 1].ravel())[0, 1]) < 0.05


def test_a_jpeg_has_the_quality_that_it_should() -> None:
    image = picture(1)
    encoded = io.BytesIO()
    Image.fromarray(image).save(encoded, "JPEG", quality=10, subsampling=2)
    assert np.array_equal(jpeg(image, 1, stream()), np.asarray(Image.open(encoded)))

"""Textures repeat without a seam, have contrast, and are the same at every call."""

import numpy as np
import pytest

from guyot.errors import SettingError
from guyot.scenes.textures import blend, noise, texture

NAMES = ("checker", "grass", "sand", "marble", "dark marble", "wood")


@pytest.mark.parametrize("name", NAMES)
def test_a_texture_has_contrast_and_is_the_same_again(name):
    found = texture(name)
    assert (found.shape, found.dtype) == ((256, 256, 3), np.uint8)
    assert found.astype(float).std(axis=(0, 1)).max() > 10
    assert (found == texture.__wrapped__(name)).all()


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_texture_repeats_without_a_seam(name):
    found = texture(name).astype(float)
    for axis in (0, 1):
        steps = np.abs(np.diff(found, axis=axis)).mean(axis=(1 - axis, 2))
        seam = np.abs(found.take(0, axis) - found.take(-1, axis)).mean()
        assert seam <= 1.5 * steps.max()


def test_noise_is_between_0_and_1_and_another_by_another_name():
    one = noise("one", 16, 32, (2, 4))
    assert (one.shape, one.min(), one.max()) == ((16, 32), 0, 1)
    assert not np.allclose(one, noise("two", 16, 32, (2, 4)))


def test_colours_are_mixed_by_the_field():
    assert blend((0, 10, 20), (10, 10, 0), np.array([0, 0.5, 1])).tolist() == [
        [0, 10, 20],
        [5, 10, 10],
        [10, 10, 0],
    ]


def test_an_unknown_texture_is_refused():
    with pytest.raises(SettingError, match="texture 'brick' was asked for; choose from checker"):
        texture("brick")

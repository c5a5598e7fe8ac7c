"""Environments are finite radiance, no two alike, brighter above than below."""

import numpy as np
import pytest

from guyot.errors import SettingError
from guyot.scenes.environments import environment
from guyot.scenes.factors import ENVIRONMENTS


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_is_finite_radiance_with_a_sky_over_a_ground(name):
    found = environment(name)
    assert (found.shape, found.dtype) == ((512, 1024, 3), np.float32)
    assert np.isfinite(found).all()
    assert 0 <= found.min() < found.max() < 40  # a brighter sun would leave single bright pixels
    assert found[:256].mean() > found[256:].mean()
    assert (found == environment.__wrapped__(name)).all()


def test_no_two_look_alike():
    means = np.array([environment(name)[200:256].mean(axis=(0, 1)) for name in ENVIRONMENTS])
    apart = np.abs(means[:, None] - means[None]).max(axis=2) + np.eye(len(means))
    assert apart.min() > 0.03


def test_the_sun_of_sunset_is_ahead_and_low():
    bright = environment("sunset").sum(axis=2)
    row, column = np.unravel_index(bright.argmax(), bright.shape)
    assert 90 - (row + 0.5) * 180 / 512 == pytest.approx(5, abs=0.5)
    assert (column + 0.5) * 360 / 1024 - 180 == pytest.approx(22, abs=0.5)


def test_an_unknown_environment_is_refused():
    with pytest.raises(SettingError, match="environment 'moon' was asked for; choose from clear"):
        environment("moon")

"""The ten shapes: closed, outwards, of size 1, standing."""

import numpy as np
import pytest
from support.solids import is_closed, volume

from guyot.errors import SettingError
from guyot.scenes.factors import SHAPES
from guyot.scenes.shapes import shape


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_closed_finite_and_stands_on_the_floor(name):
    found = shape(name)
    assert is_closed(found)
    assert volume(found) > 0.02
    assert np.isfinite(found.vertices).all()
    low, high = found.vertices.min(0), found.vertices.max(0)
    assert low[2] == 0
    assert (high - low).max() == pytest.approx(1)
    assert (low + high)[:2] == pytest.approx(0)


def test_a_sphere_is_round():
    centred = shape("sphere").vertices - np.array([0, 0, 0.5])
    assert np.linalg.norm(centred, axis=1) == pytest.approx(0.5)


def test_an_unknown_shape_is_refused():
    with pytest.raises(SettingError, match="shape 'teapot' was asked for; choose from sphere"):
        shape("teapot")

"""Scenes hold levels that there are, and say which there are."""

import dataclasses

import pytest

from guyot.errors import SettingError
from guyot.scenes.factors import LEVELS, Scene


def test_every_level_makes_a_scene_and_every_factor_has_levels():
    for factor, levels in LEVELS.items():
        for level in levels:
            assert getattr(Scene(**{factor: level}), factor) == level
        assert len(set(levels)) == len(levels) > 1
    assert {field.name for field in dataclasses.fields(Scene)} == {*LEVELS, "replicate"}


def test_integers_are_the_same_scene_as_floats():
    assert Scene(yaw=90, scale=1) == Scene(yaw=90.0, scale=1.0)
    assert repr(Scene(yaw=90).yaw) == "90.0"


@pytest.mark.parametrize("factor, level, told", [
    ("shape", "monkey", "shape 'monkey' was asked for; choose from sphere, cube"),
    ("floor", "lava", "checker, grass"),
    ("scale", 0, "scale 0.0 was asked for; it is from 0.1 to 2"),
    ("yaw", 360, "from 0 to 360"),
    ("yaw", float("nan"), "yaw nan"),
    ("replicate", -1, "replicate -1"),
])  # fmt: skip
def test_others_are_refused(factor, level, told):
    with pytest.raises(SettingError, match=told):
        Scene(**{factor: level})

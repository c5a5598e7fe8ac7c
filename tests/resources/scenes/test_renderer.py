"""A scene gives the same pixels at every run, and shows what it says."""

import dataclasses

import numpy as np

from guyot.scenes.factors import LEVELS, Scene
from resources.scenes.renderer import RenderSettings, render, version

TINY = RenderSettings(side=24, samples=4)
NIGHT = Scene(environment="night", floor="grass", shape="cone")


def test_a_scene_is_the_same_again_and_its_replicate_is_not():
    one, again, other = (
        render(scene, TINY) for scene in (NIGHT, NIGHT, dataclasses.replace(NIGHT, replicate=1))
    )
    assert (one.shape, one.dtype) == ((24, 24, 3), np.uint8)
    assert (one == again).all()
    assert (one != other).any()
    assert np.abs(one.astype(float) - other).mean() < 12  # noise alone


def test_every_level_can_be_rendered_and_changes_the_picture():
    settings = RenderSettings(side=12, samples=1)
    mug = dataclasses.replace(NIGHT, shape="mug")
    found = {
        (factor, level): render(dataclasses.replace(mug, **{factor: level}), settings).tobytes()
        for factor, levels in LEVELS.items()
        for level in levels
    }
    for factor, of_factor in LEVELS.items():
        assert len({found[factor, level] for level in of_factor}) == len(of_factor), factor


def test_left_is_left_and_up_is_up():
    mean = {
        position: render(dataclasses.replace(NIGHT, shape="sphere", position=position), TINY).astype(float)
        for position in ("left", "right")
    }
    red = {position: (picture[..., 0] - picture[..., 1]).mean(axis=0) for position, picture in mean.items()}
    assert red["left"][:12].sum() > red["left"][12:].sum()
    assert red["right"][:12].sum() < red["right"][12:].sum()
    day = render(dataclasses.replace(NIGHT, environment="clear", camera_elevation=6, scale=0.3), TINY).astype(
        float
    )
    assert day[:4, :, 2].mean() > day[:4, :, 0].mean()  # the sky is blue
    assert day[-4:, :, 1].mean() > day[-4:, :, 2].mean()  # the grass is green


def test_more_light_is_brighter_and_nothing_is_one_white_or_black():
    clear = render(Scene(), TINY).astype(float)
    night = render(Scene(environment="night"), TINY).astype(float)
    assert clear.mean() > night.mean() + 30
    for picture in (clear, night):
        assert 0.05 < ((picture > 8) & (picture < 247)).mean()
        assert picture.std() > 20


def test_the_version_says_what_decides_the_pixels():
    assert version().startswith("mitsuba 3.")

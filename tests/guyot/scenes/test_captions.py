"""Captions by table, and the grammar of all of them."""

import itertools
import re

import pytest

from guyot.scenes.captions import caption
from guyot.scenes.factors import LEVELS, Scene

TABLE = [
    ({}, "A red sphere on a checkered floor under a clear sky, lit from the left."),
    ({"shape": "mug", "material": "gold", "floor": "sand", "environment": "sunset", "scale": 0.7, "light": "above"},
     "A small golden mug on sand at sunset, lit from above."),
    ({"shape": "chair", "material": "wood", "floor": "wood", "environment": "studio", "position": "left"},
     "A wooden chair on a wooden floor in a studio, left of the centre and lit from the left."),
    ({"shape": "vase", "material": "marble", "floor": "marble", "environment": "overcast", "scale": 1.3,
      "position": "right", "light": "right"},
     "A large marble vase on a marble floor under an overcast sky, right of the centre and lit from the right."),
    ({"shape": "knot", "material": "steel", "floor": "grass", "environment": "forest"},
     "A steel knot on grass in a forest, lit from the left."),
    ({"environment": "night", "scale": 0.8}, "A small red sphere on a checkered floor at night, lit from the left."),
    ({"yaw": 8, "camera_azimuth": 30, "replicate": 4},
     "A red sphere on a checkered floor under a clear sky, lit from the left."),
]  # fmt: skip


@pytest.mark.parametrize("factors, told", TABLE)
def test_captions_by_table(factors, told):
    assert caption(Scene(**factors)) == told


def test_all_captions_are_grammatical_and_tell_what_they_describe_apart():
    described = ("shape", "material", "environment", "floor", "scale", "light", "position")
    told = {
        caption(Scene(**dict(zip(described, levels, strict=True))))
        for levels in itertools.product(*(LEVELS[factor] for factor in described))
    }
    assert len(told) == 10 * 8 * 6 * 5 * 3 * 3 * 3
    for sentence in told:
        assert re.fullmatch(r"An? [a-z ]+ (on|in|at|under) [a-z, ]+\.", sentence), sentence
        assert not re.search(r"\b[Aa] [aeiou]|\b[Aa]n [^aeiou]|\ban? (sand|grass)\b|  ", sentence), sentence

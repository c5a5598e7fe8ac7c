"""Bumps are told by the units that tell them, and by no others."""

import numpy as np
import pytest

from guyot.audit.maps.collisions import collision_areas, steps_forward
from guyot.navigation.walks import parse_walk
from guyot.seeds import generator

WALK = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 S goal 3,1\nBLFF")


def test_moments_are_those_after_steps_forward() -> None:
    of_walk, moments, bumps = steps_forward([WALK, WALK])
    assert of_walk.tolist() == [0, 0, 0, 1, 1, 1]
    assert moments.tolist() == [1, 3, 4] * 2
    assert bumps.tolist() == [True, False, False] * 2
    assert [len(part) for part in steps_forward([])] == [0, 0, 0]


def planted(label: str, bumps: np.ndarray) -> np.ndarray:
    noise = generator(0, label).standard_normal((len(bumps), 12))
    noise[:, 7] -= 1.2 * bumps  # one unit falls, three others rise a little
    noise[:, :3] += 1.0 * bumps[:, None]
    return noise.astype(np.float32)


def test_one_unit_tells_some_four_more_and_noise_nothing() -> None:
    train, test = (generator(0, label).random(4000) < 0.3 for label in ("train", "test"))
    found = collision_areas(planted("a", train), train, planted("b", test), test)
    assert found[1] == pytest.approx(0.80, abs=0.02)  # of two normals 1.2 apart: Phi(1.2 / sqrt 2)
    assert found[4] == pytest.approx(0.932, abs=0.02)  # sqrt(1.44 + 3) apart
    assert found[0] == pytest.approx(found[4], abs=0.01)
    shuffled = collision_areas(planted("a", train)[::-1], train, planted("b", test)[::-1], test)
    assert all(area == pytest.approx(0.5, abs=0.04) for area in shuffled.values())

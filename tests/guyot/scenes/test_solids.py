"""Solids are closed and turned outwards."""

import numpy as np
import pytest
from support.solids import is_closed, volume

from guyot.scenes.solids import Solid, box, joined, normalised, placed, prism, revolved, tube

CIRCLE = np.stack([np.cos(t := np.arange(200) * 2 * np.pi / 200), np.sin(t), 0 * t], 1)
SQUARE = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], np.float64)
CASES = [
    ("box", box((2, 3, 4), (5, 5, 5)), 24),
    ("cone", revolved([(0, 0), (1, 0), (0, 1)], 400), np.pi / 3),
    ("cylinder", revolved([(0, 0), (1, 0), (1, 2), (0, 2)], 400), 2 * np.pi),
    ("torus", tube(CIRCLE * 3, 1, 60), 2 * np.pi**2 * 3),
    (
        "rod",
        tube(np.array([[0, 0, 0], [0, 0, 1], [0, 0, 2]], np.float64), 1, 200, is_closed=False),
        2 * np.pi,
    ),
    ("prism", prism(SQUARE, 3), 12),
]


@pytest.mark.parametrize("solid, expected", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_solid_is_closed_and_has_its_volume(solid, expected):
    assert is_closed(solid)
    assert volume(solid) == pytest.approx(expected, rel=0.01)


def test_joined_and_placed_keep_volumes():
    two = joined([box((1, 1, 1)), placed(box((1, 2, 1)), by=(5, 0, 0), turn=30)])
    assert is_closed(two)
    assert volume(two) == pytest.approx(3)


def test_a_turn_is_counterclockwise_from_above():
    point = Solid(np.array([[1.0, 0, 0]]), np.zeros((0, 3), np.int64))
    assert placed(point, turn=90, by=(0, 0, 2)).vertices == pytest.approx(np.array([[0, 1, 2]]))


def test_normalised_stands_on_the_floor_and_has_one_metre():
    found = normalised(box((2, 4, 1), (7, 8, 9)))
    assert found.vertices.min(0) == pytest.approx([-0.25, -0.5, 0])
    assert found.vertices.max(0) == pytest.approx([0.25, 0.5, 0.25])


def test_a_closed_tube_that_bends_in_space_does_not_twist_where_it_closes():
    across = 2 + np.cos(3 * t)
    path = np.stack([across * np.cos(2 * t), np.sin(3 * t), across * np.sin(2 * t)], 1)  # a trefoil
    rings = tube(path, 0.1, 12).vertices.reshape(200, 12, 3) - path[:, None]
    turns = np.linalg.norm(np.roll(rings, -1, 0) - rings, axis=2).mean(axis=1)
    assert turns[-1] < 1.5 * turns[:-1].max()

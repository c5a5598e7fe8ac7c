"""Hexagons: every point is in one, and in the nearest."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assets.charts.hexagons import ACROSS, hexagons

points = st.lists(st.tuples(st.floats(-5, 5), st.floats(0, 100)), min_size=1, max_size=60)


@given(points)
def test_every_point_counts_once(rows: list[tuple[float, float]]) -> None:
    x, y = np.array(rows).T
    assert sum(count for *_, count in hexagons(x, y)) == len(rows)


def test_points_go_to_the_nearest_centre() -> None:
    draw = np.random.default_rng(0)
    x, y = draw.uniform(0, 1, 4000), draw.uniform(0, 1, 4000)
    cells = hexagons(x, y)
    centres = np.array([cell[:2] for cell in cells])
    far = ACROSS / np.array([np.ptp(x), np.ptp(y)])
    nearest = np.argmin((((np.stack([x, y], 1)[:, None] - centres[None]) * far) ** 2).sum(axis=2), axis=1)
    assert np.bincount(nearest, minlength=len(cells)).tolist() == [count for *_, count in cells]


def test_one_place_and_none() -> None:
    assert hexagons(np.ones(5), np.ones(5)) == [(1.0, 1.0, 5)]
    assert hexagons(np.zeros(0), np.zeros(0)) == []

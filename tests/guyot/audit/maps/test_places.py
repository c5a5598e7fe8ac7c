"""Places before and after moments, and how much of them a line explains."""

import numpy as np
import pytest

from guyot.audit.maps.places import place_errors, place_r_squared, places_at
from guyot.navigation.walks import parse_walk
from guyot.seeds import generator

WALK = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 S goal 3,1\nBLFF")


def test_places_are_relative_to_the_start_and_absent_outside_of_the_walk() -> None:
    of_walk, moment = np.array([0, 0, 1]), np.array([2, 4, 3])
    rows, places = places_at([WALK, WALK], of_walk, moment, 0)
    assert rows.tolist() == [0, 1, 2]
    assert places.tolist() == [[0, 0], [2, 0], [1, 0]]
    rows, places = places_at([WALK, WALK], of_walk, moment, 1)
    assert (rows.tolist(), places.tolist()) == ([0, 2], [[1, 0], [2, 0]])
    rows, places = places_at([WALK, WALK], of_walk, moment, -3)
    assert (rows.tolist(), places.tolist()) == ([1, 2], [[0, 0], [0, 0]])


def test_the_share_explained_is_that_of_what_is_linear() -> None:
    stream = generator(0, "features")
    features = stream.standard_normal((3000, 8)).astype(np.float32)
    places = features[:, :2] * 2.0 + 5 + stream.standard_normal((3000, 2))  # 4 of 5 parts of the variance
    found = place_r_squared(features[:2000], places[:2000], features[2000:], places[2000:])
    assert found == pytest.approx(0.8, abs=0.03)
    assert np.isnan(place_r_squared(features, places, features[:2], places[[0, 0]]))


def test_errors_are_distances_in_cells() -> None:
    features = np.arange(50, dtype=np.float32)[:, None]
    places = np.concatenate([features, -features], axis=1).astype(np.float64)
    found = place_errors(features, places, features[:2], places[:2] + [[3, 4], [0, 0]])
    assert found == pytest.approx([5, 0], abs=0.1)

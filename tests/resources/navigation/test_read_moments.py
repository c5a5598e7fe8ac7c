"""Moments have the states and windows of their walks, in blocks as at once."""

import numpy as np
import pytest
from support.episodes import maze, walk_at_random

from guyot.audit.maps.moments import draw_moments
from guyot.audit.maps.windows import windows
from resources.navigation import read_moments as module
from resources.navigation.network import new_network
from resources.navigation.policies import Policy, states
from resources.navigation.read_moments import read_moments

POLICY = Policy(new_network("gru", 0), {"memory": "gru"})
WALKS = [walk_at_random(maze(n), n, 0) for n in range(12)]


@pytest.mark.parametrize("at_once", [256, 5, 1])
def test_features_and_windows_are_those_of_the_moments(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(module, "_WALKS_AT_ONCE", at_once)
    found = read_moments(POLICY, WALKS, 3)
    of_walk, moment = draw_moments(WALKS, 3)
    every = states(POLICY, WALKS)
    np.testing.assert_array_equal(found.of_walk, of_walk)
    expected = [every[walk][at] for walk, at in zip(of_walk.tolist(), moment.tolist(), strict=True)]
    np.testing.assert_allclose(found.features, expected, atol=1e-6)
    np.testing.assert_array_equal(found.seen.is_wall, windows(WALKS, of_walk, moment).is_wall)


def test_some_walks_have_their_own_moments() -> None:
    every, chosen = read_moments(POLICY, WALKS, 3), np.arange(12) % 3 == 1
    some = every.of(chosen)
    rows = np.isin(every.of_walk, np.flatnonzero(chosen))
    np.testing.assert_array_equal(some.of_walk, every.of_walk[rows])
    np.testing.assert_array_equal(some.features, every.features[rows])
    for name in ("is_wall", "explored", "old", "near"):
        np.testing.assert_array_equal(getattr(some.seen, name), getattr(every.seen, name)[rows])


def test_no_walk_has_no_moment() -> None:
    assert read_moments(POLICY, [], 0).features.shape == (0, 128)

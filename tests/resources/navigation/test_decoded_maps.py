"""Decoded maps are of eight moments of each walk, and read what the memory holds."""

import dataclasses

import numpy as np
import pytest
from support.episodes import maze, walk_at_random

from guyot.audit.maps.windows import windows
from guyot.navigation.walks import Walk
from resources.navigation import decoded_maps as module
from resources.navigation.decoded_maps import MOMENTS, decoded_maps
from resources.navigation.network import new_network
from resources.navigation.policies import Policy
from resources.navigation.read_moments import read_moments

POLICY = Policy(new_network("gru", 0), {"memory": "gru"})
TRAIN = [walk_at_random(maze(n), n, 0) for n in range(40)]
LEARNT = read_moments(POLICY, TRAIN, 0)
SHOWN = [walk_at_random(maze(n), n, 0) for n in (101, 102)]


def test_moments_reach_from_the_first_action_to_the_last() -> None:
    found = decoded_maps(POLICY, LEARNT, SHOWN, seed=0, updates=3)
    for walk in SHOWN:
        own = [one for one in found if one.walk is walk]
        assert len(own) == MOMENTS
        assert (own[0].moment, own[-1].moment) == (1, len(walk.actions))
        seen = windows([walk], np.zeros(MOMENTS, int), np.array([one.moment for one in own]))
        np.testing.assert_array_equal([one.is_near for one in own], seen.near)
    assert all(one.wall_probability.shape == (49,) for one in found)
    assert all(((one.wall_probability >= 0) & (one.wall_probability <= 1)).all() for one in found)


def test_what_the_memory_holds_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def walls(_: Policy, walks: list[Walk]) -> list[np.ndarray]:
        return [
            windows([walk], np.zeros(len(walk.actions) + 1, int), np.arange(len(walk.actions) + 1))
            .is_wall.astype(np.float32) for walk in walks
        ]  # fmt: skip

    monkeypatch.setattr(module, "states", walls)
    learnt = dataclasses.replace(LEARNT, features=LEARNT.seen.is_wall.astype(np.float32))
    found = decoded_maps(POLICY, learnt, SHOWN, seed=0, updates=200)
    seen = [windows([one.walk], np.array([0]), np.array([one.moment])).is_wall[0] for one in found]
    near = np.concatenate([one.is_near for one in found])
    right = np.concatenate([(one.wall_probability > 0.5) == s for one, s in zip(found, seen, strict=True)])
    assert right[near].mean() > 0.9


def test_without_walks_there_is_no_map() -> None:
    nothing = LEARNT.of(np.zeros(40, bool))
    assert decoded_maps(POLICY, nothing, SHOWN, seed=0) == decoded_maps(POLICY, LEARNT, [], seed=0) == []

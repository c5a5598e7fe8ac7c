"""Readings are of every probe and kind of features, and the controls are what they say."""

import math

import numpy as np
import pytest

from guyot.navigation.mazes import mazes
from guyot.navigation.tasks import tasks
from guyot.navigation.walks import Walk
from resources.navigation import memory_readings as readings_module
from resources.navigation.memory_readings import FEATURES, every_features, gap, memory_readings, untrained
from resources.navigation.policies import Policy, states, walk_tasks


@pytest.fixture(scope="module")
def policy() -> Policy:
    from resources.navigation.network import new_network

    return Policy(new_network("gru", 0), {"memory": "gru"})


@pytest.fixture(scope="module")
def walks(policy: Policy) -> tuple[list[Walk], list[Walk]]:
    sides = (mazes(0, 20, size=7, split=split) for split in ("train", "held_out"))
    return tuple(walk_tasks(policy, walls, tasks(0, walls, 60), 0) for walls in sides)


def test_every_probe_is_read_from_every_kind_of_features(
    policy: Policy, walks: tuple[list[Walk], list[Walk]]
) -> None:
    found = list(memory_readings(policy, *walks, seed=0))
    probes = {reading.probe for reading in found}
    assert probes == {
        "occupancy, explored", "occupancy, old", "occupancy, near", "collision, 1 units", "collision, 4 units",
        "collision, all units", "place, now", "place, 10 actions ago", "place, 20 actions ago",
        "place, 10 actions later",
    }  # fmt: skip
    assert len(found) == len(probes) * len(FEATURES)
    at = {(reading.probe, reading.features): reading for reading in found}
    assert at["place, now", "observation"].value == pytest.approx(1, abs=1e-3), "it is an input"
    assert at["place, now", "shuffled"].value < 0.1
    assert at["collision, all units", "shuffled"].value == pytest.approx(0.5, abs=0.08)
    assert all(reading.n > 50 for reading in found)
    assert all(not math.isnan(r.value) for r in found if r.measure == "R2")


def test_the_untrained_network_is_another_one_led_along_the_same_walks(
    policy: Policy, walks: tuple[list[Walk], list[Walk]]
) -> None:
    own, control = every_features(policy, walks[0], "trained"), every_features(policy, walks[0], "untrained")
    assert (
        [len(one) for one in own] == [len(one) for one in control] == [len(w.actions) + 1 for w in walks[0]]
    )
    assert not np.allclose(own[0], control[0], atol=1e-3)
    np.testing.assert_array_equal(states(untrained(policy), walks[0])[3], control[3])
    assert every_features(policy, walks[0], "observation")[0].shape == (len(own[0]), 12)


def test_the_gap_is_to_the_better_control() -> None:
    assert gap({"trained": 0.8, "untrained": 0.7, "observation": 0.75}) == pytest.approx(0.05)
    assert readings_module.FEATURES[0] == "trained"

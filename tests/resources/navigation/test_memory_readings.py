"""Readings are of every probe and kind of features, and the controls are what they say."""

import math

import numpy as np
import pytest

from guyot.audit.maps.excursions import on_excursion
from guyot.audit.maps.occupancy import MASKS, OccupancyReading
from guyot.navigation.mazes import mazes
from guyot.navigation.tasks import tasks
from guyot.navigation.walks import Walk, poses
from resources.navigation import memory_readings as readings_module
from resources.navigation.memory_readings import FEATURES, every_features, gap, memory_readings, untrained
from resources.navigation.policies import Policy, states
from resources.navigation.policy_walks import walk_tasks

NOTHING = OccupancyReading(float("nan"), float("nan"), 0, 0)


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
    found = memory_readings(policy, *walks, seed=0, updates=20)
    probes = {reading.probe for reading in found}
    assert probes == {
        "occupancy, explored", "occupancy, old", "occupancy, near", "collision, 1 units", "collision, 4 units",
        "collision, all units", "place, now", "place, 10 actions ago", "place, 20 actions ago",
        "place, 10 actions later", "place on excursions, 10 actions ago", "place on the way, 10 actions ago",
        "place on excursions, 20 actions ago", "place on the way, 20 actions ago",
    }  # fmt: skip
    assert len(found) == len(probes) * len(FEATURES)
    at = {(reading.probe, reading.features): reading for reading in found}
    assert at["place, now", "observation"].value == pytest.approx(1, abs=1e-3), "it is an input"
    assert at["place, now", "shuffled"].value < 0.1
    assert at["collision, all units", "shuffled"].value == pytest.approx(0.5, abs=0.08)
    assert all(reading.n > 50 for reading in found)
    assert all(not math.isnan(r.value) for r in found if r.measure in ("R2", "cells"))
    for ago in (10, 20):
        parts = [
            at[f"place {where}, {ago} actions ago", "trained"].n for where in ("on excursions", "on the way")
        ]
        assert sum(parts) == at[f"place, {ago} actions ago", "trained"].n


def test_what_was_on_an_excursion_is_judged_apart(
    policy: Policy, walks: tuple[list[Walk], list[Walk]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A memory that holds every place but those of excursions."""
    monkeypatch.setattr(readings_module, "LATER", ())
    monkeypatch.setattr(readings_module, "occupancy", lambda *_, **__: dict.fromkeys(MASKS, NOTHING))
    monkeypatch.setattr(readings_module, "collision_areas", lambda *_: {})
    monkeypatch.setattr(
        readings_module, "every_features", lambda _, side, __: [holding(walk) for walk in side]
    )
    found = {r.probe: r.value for r in memory_readings(policy, *walks, seed=0) if r.features == "trained"}
    assert found["place on the way, 10 actions ago"] < 0.2
    assert found["place on excursions, 10 actions ago"] > 1


def holding(walk: Walk) -> np.ndarray:
    places = poses(walk)[:, :2] - poses(walk)[0, :2]
    found = np.zeros((len(places), 2), np.float32)
    for now in range(10, len(places)):
        if not on_excursion([walk], np.array([0]), np.array([now]), 10)[0]:
            found[now] = places[now - 10]
    return found


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

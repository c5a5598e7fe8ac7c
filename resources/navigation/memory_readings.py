"""What probes read from a policy's memory, beside what they read from controls.

Controls: an untrained network of the same shape that is led along the same walks, the observation of the
moment alone, and the memories of other moments.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.audit.maps.collisions import collision_areas, steps_forward
from guyot.audit.maps.excursions import on_excursion
from guyot.audit.maps.moments import draw_moments
from guyot.audit.maps.occupancy import MASKS, UPDATES, occupancy
from guyot.audit.maps.places import place_errors, place_r_squared, places_at
from guyot.audit.maps.windows import windows
from guyot.navigation.observations import walk_observations
from guyot.navigation.walks import Walk, poses
from guyot.seeds import generator
from resources.models.reproducibility import deterministic
from resources.navigation.policies import Policy, states

TRAINED, UNTRAINED, OBSERVATION, SHUFFLED = "trained", "untrained", "observation", "shuffled"
FEATURES = (TRAINED, UNTRAINED, OBSERVATION, SHUFFLED)
LATER = (0, -10, -20, 10)  # actions
FORGOTTEN_AGO = (10, 20)  # actions: when an excursion was, that is read beside the way
_THREADS = 1  # networks of this size gain nothing from a second
_CONTROL_SEED = 1_000_003  # of the untrained network: of no policy


@dataclass(frozen=True)
class Reading:
    """What one probe read from one kind of features.

    measure : area, under the ROC curve; R2; or cells, how far from the truth on average: less is better
    n : moments, or cells, that it was tested at
    """

    probe: str
    features: str
    measure: str
    value: float
    n: int


def memory_readings(
    policy: Policy, train: Sequence[Walk], test: Sequence[Walk], seed: int, updates: int = UPDATES
) -> list[Reading]:
    """Fit all probes on some walks of a policy, and test them on others.

    Parameters
    ----------
    train, test : in mazes that are not shared, and that the policy did not learn in
    seed : of moments, probes and the untrained network
    updates : of each probe of occupancy

    Notes
    -----
    On one thread. 2,000 and 800 walks take about a core-minute, most of it the probes of occupancy.
    """
    with deterministic(_THREADS):
        return list(_readings(policy, train, test, seed, updates))


def _readings(
    policy: Policy, train: Sequence[Walk], test: Sequence[Walk], seed: int, updates: int
) -> Iterator[Reading]:
    """Read every probe from every kind of features."""
    walks = (train, test)
    moments = [draw_moments(side, seed) for side in walks]
    seen = [windows(side, *when) for side, when in zip(walks, moments, strict=True)]
    after = [steps_forward(side) for side in walks]
    for name in FEATURES:
        rows = [_Rows(every_features(policy, side, name), name, seed) for side in walks]
        at = [one.at(*when) for one, when in zip(rows, moments, strict=True)]
        found = occupancy(at[0], seen[0], at[1], seen[1], seed=seed, updates=updates)
        for mask in MASKS:
            yield Reading(f"occupancy, {mask}", name, "area", found[mask].mean_area, found[mask].n)
        bumps = [one.at(*steps[:2]) for one, steps in zip(rows, after, strict=True)]
        areas = collision_areas(bumps[0], after[0][2], bumps[1], after[1][2])
        for n_units, area in areas.items():
            yield Reading(f"collision, {n_units or 'all'} units", name, "area", area, len(after[1][2]))
        for later in LATER:
            yield _place_reading(walks, moments, at, name, later)
        for ago in FORGOTTEN_AGO:
            yield from _excursion_readings(walks, moments, at, name, ago)


class _Rows:
    """The features of whole walks, by walk and moment."""

    def __init__(self, features: list[NDArray[np.float32]], name: str, seed: int) -> None:
        lengths = np.array([len(one) for one in features], np.int64)
        self._first = np.concatenate([[0], np.cumsum(lengths)])
        self._rows = np.concatenate(features)
        if name == SHUFFLED:
            self._rows = self._rows[generator(seed, "shuffled").permutation(len(self._rows))]

    def at(self, of_walk: NDArray[np.int64], moment: NDArray[np.int64], *rest: object) -> NDArray[np.float32]:
        """Return the features at moments, float32[m, d]."""
        return self._rows[self._first[of_walk] + moment]


def every_features(policy: Policy, walks: Sequence[Walk], name: str) -> list[NDArray[np.float32]]:
    """Return the features of a kind, of each walk of n actions float32[n + 1, d]; those shuffled in order."""
    if name == OBSERVATION:
        return [walk_observations(poses(walk), walk.actions, walk.goal) for walk in walks]
    return states(untrained(policy) if name == UNTRAINED else policy, walks)


def untrained(policy: Policy) -> Policy:
    """Return a policy of the same shape whose weights were drawn and never trained."""
    from resources.navigation.network import new_network

    return Policy(new_network(policy.config["memory"], _CONTROL_SEED), policy.config)


def _place_reading(
    walks: tuple[Sequence[Walk], Sequence[Walk]],
    moments: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
    features: Sequence[NDArray[np.float32]],
    name: str,
    later: int,
) -> Reading:
    """Read where the agent is, was or will be."""
    of = [places_at(side, *when, later) for side, when in zip(walks, moments, strict=True)]
    (train_rows, train_places), (test_rows, test_places) = of
    value = place_r_squared(features[0][train_rows], train_places, features[1][test_rows], test_places)
    when = f"{abs(later)} actions {'later' if later > 0 else 'ago'}" if later else "now"
    return Reading(f"place, {when}", name, "R2", value, len(test_rows))


def _excursion_readings(
    walks: tuple[Sequence[Walk], Sequence[Walk]],
    moments: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
    features: Sequence[NDArray[np.float32]],
    name: str,
    ago: int,
) -> Iterator[Reading]:
    """Read where the agent was, apart for places on ways that it has come back from since, and for others."""
    of = [places_at(side, *when, -ago) for side, when in zip(walks, moments, strict=True)]
    (train_rows, train_places), (rows, places) = of
    off = place_errors(features[0][train_rows], train_places, features[1][rows], places)
    of_walk, moment = moments[1]
    strayed = on_excursion(walks[1], of_walk[rows], moment[rows], ago)
    for where, chosen in (("on excursions", strayed), ("on the way", ~strayed)):
        value = float(off[chosen].mean()) if chosen.any() else float("nan")
        yield Reading(f"place {where}, {ago} actions ago", name, "cells", value, int(chosen.sum()))


def gap(readings: Mapping[str, float]) -> float:
    """Return how much more is read from the trained memory than from the better of the two controls."""
    return readings[TRAINED] - max(readings[UNTRAINED], readings[OBSERVATION])

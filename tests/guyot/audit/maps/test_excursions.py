"""Excursions by hand, and against a look at every pair of visits."""

import numpy as np
import pytest
from support.episodes import maze, walk_at_random

from guyot.audit.maps.excursions import on_excursion
from guyot.navigation.walks import parse_walk, poses

MAZE = "maze 5x5 fc7b1f80"  # rows 11111 10001 11101 10001 11111
THERE_AND_BACK = parse_walk(f"{MAZE}\nstart 1,1 E goal 3,3\nFFLLFF")


def at(walk, moment: int, ago: int) -> bool:
    return bool(on_excursion([walk], np.array([0]), np.array([moment]), ago)[0])


def test_a_way_there_and_back_is_an_excursion_once_it_is_closed() -> None:
    """Cells 1 2 3 3 3 2 1, by time 0 to 6."""
    assert [at(THERE_AND_BACK, moment, moment - 2) for moment in (3, 4, 5, 6)] == [False, False, True, True]
    assert not at(THERE_AND_BACK, 5, 4), "at time 1 it stood where the loop closes at time 5"
    assert at(THERE_AND_BACK, 6, 5), "at time 6 a wider loop has closed"
    assert not at(THERE_AND_BACK, 6, 6), "the first cell is on the way"


def test_turns_and_bumps_on_the_spot_are_no_excursion() -> None:
    walk = parse_walk(f"{MAZE}\nstart 1,1 N goal 3,3\nBRRBLFF")
    assert not any(at(walk, moment, ago) for moment in range(1, 8) for ago in range(1, moment + 1))


def test_before_the_beginning_there_was_none() -> None:
    assert not at(THERE_AND_BACK, 6, 7)
    assert on_excursion([THERE_AND_BACK], np.zeros(0, int), np.zeros(0, int), 3).shape == (0,)


@pytest.mark.parametrize("seed", range(6))
def test_it_is_what_a_look_at_every_pair_of_visits_says(seed: int) -> None:
    walks = [walk_at_random(maze(seed + n, 11), n, seed, max_steps=40) for n in range(4)]
    places = [[tuple(pose[:2]) for pose in poses(walk).tolist()] for walk in walks]
    for ago in (1, 3, 10):
        of_walk = np.concatenate([np.full(len(p), n) for n, p in enumerate(places)])
        moment = np.concatenate([np.arange(len(p)) for p in places])
        found = on_excursion(walks, of_walk, moment, ago)
        for row, (number, now) in enumerate(zip(of_walk.tolist(), moment.tolist(), strict=True)):
            then, walked = now - ago, places[number]
            expected = then >= 0 and any(
                walked[a] == walked[b] != walked[then]
                for a in range(then) for b in range(then + 1, now + 1)
            )  # fmt: skip
            assert found[row] == expected

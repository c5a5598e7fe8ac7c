"""Moments lie in their walks, are distinct, and of short walks few."""

import numpy as np

from guyot.audit.maps.moments import draw_moments
from guyot.navigation.walks import Walk


def turning(n: int) -> Walk:
    walls = np.ones((3, 3), bool)
    walls[1, 1] = False
    return Walk(walls, (1, 1), 0, (1, 1), np.ones(n, np.uint8), np.zeros(n, bool))


def test_moments_are_distinct_sorted_and_within_the_walk() -> None:
    walks = [turning(n) for n in (5, 8, 11, 40)]
    of_walk, moment = draw_moments(walks, 3)
    assert np.bincount(of_walk, minlength=4).tolist() == [0, 1, 4, 8]
    for number, walk in enumerate(walks):
        own = moment[of_walk == number]
        assert (np.diff(own) > 0).all()
        assert all(8 <= one <= len(walk.actions) for one in own)
    late = np.concatenate([draw_moments([walks[3]], seed)[1] for seed in range(50)])
    assert {8, 40} <= set(late.tolist()), "every moment can be drawn"


def test_no_walk_has_no_moment() -> None:
    assert [len(part) for part in draw_moments([], 0)] == [0, 0]

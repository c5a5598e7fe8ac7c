"""The curriculum: levels that grow, and tasks that are of their level."""

import numpy as np
import pytest

from guyot.navigation.mazes import in_split, mazes
from resources.navigation import curriculum
from resources.navigation.curriculum import Level, is_over, level_tasks, levels


@pytest.mark.parametrize("size, sizes", [(7, {7}), (9, {7, 9}), (11, {7, 9, 11}), (13, {7, 9, 13})])
def test_levels_end_at_the_real_tasks_and_grow(size: int, sizes: set[int]) -> None:
    found = levels(size)
    assert {level.size for level in found} == sizes
    assert [level.size for level in found] == sorted(level.size for level in found)
    assert found[-1].min_geodesic == 6
    assert found[-1].size == size
    for one in sizes:
        furthest = [level.max_geodesic for level in found if level.size == one]
        assert furthest == sorted(set(furthest))


def test_levels_share_the_first_half_of_a_training() -> None:
    ends = [next(done for done in range(101) if is_over(level, 10, done / 100)) for level in range(10)]
    assert ends == [5, 10, 15, 20, 25, 30, 35, 40, 45, 50]


def test_tasks_are_of_their_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curriculum, "N_SMALL_MAZES", 20)
    walls = mazes(0, 10, 9)
    own, drawn = level_tasks(Level(9, 4, 8), walls, 50, seed=0)
    assert own is walls
    assert (drawn.geodesic.min(), drawn.geodesic.max()) == (4, 8)
    small, near = level_tasks(Level(7, 1, 3), walls, 50, seed=0)
    assert small.shape == (20, 7, 7)
    assert in_split(small, "train").all()
    assert set(np.unique(near.geodesic)) == {1, 2, 3}
    assert not np.array_equal(level_tasks(Level(7, 1, 3), walls, 50, seed=1)[1].start, near.start)


def test_every_level_has_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curriculum, "N_SMALL_MAZES", 20)
    walls = mazes(0, 20, 11)
    for level in levels(11):
        assert len(level_tasks(level, walls, 30, seed=0)[1]) == 30

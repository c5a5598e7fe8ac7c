"""Numbers of walks by hand, and against counting action by action with a breadth-first search of its own."""

import numpy as np
import pytest
from support.episodes import distances, maze, walk_at_random

from guyot.navigation.walk_signals import walk_signals
from guyot.navigation.walks import Walk, parse_walk, poses

MAZE = "maze 5x5 fc7b1f80"  # rows 11111 10001 11101 10001 11111


def test_a_walk_by_hand() -> None:
    """To 3,1 and back a step, then to the goal: 6 moves where 4 would do, a bump, five turns."""
    found = walk_signals(
        [
            parse_walk(f"{MAZE}\nstart 1,1 E goal 3,3\nFFBRRFLLFRFF"),
            parse_walk(f"{MAZE}\nstart 1,1 E goal 3,3\nFF"),
        ]
    )
    assert found.steps.tolist() == [12, 2]
    assert found.moves.tolist() == [6, 2]
    assert found.bumps.tolist() == [1, 0]
    assert found.turns.tolist() == [5, 0]
    assert found.cells.tolist() == [5, 3]
    assert found.reached_goal.tolist() == [True, False]
    assert found.geodesic.tolist() == [4, 4]
    assert found.spl.tolist() == [pytest.approx(4 / 6), 0]
    assert found.maze_size.tolist() == [5, 5]


@pytest.mark.parametrize("seed", range(6))
def test_numbers_are_those_of_counting(seed: int) -> None:
    walks = [
        walk_at_random(maze(seed * 10 + n, (9, 11, 13)[n % 3]), seed, n, max_steps=(20, 200)[n % 2])
        for n in range(12)
    ]
    found = walk_signals(walks)
    for row, walk in enumerate(walks):
        at = [tuple(pose[:2]) for pose in poses(walk).tolist()]
        moves = sum(one != other for one, other in zip(at, at[1:], strict=False))
        geodesic = distances(walk.walls, walk.goal)[walk.start[1], walk.start[0]]
        assert found.steps[row] == len(walk.actions)
        assert found.moves[row] == moves
        assert found.turns[row] == sum(action != 0 for action in walk.actions.tolist())
        assert found.moves[row] + found.bumps[row] + found.turns[row] == found.steps[row]
        assert found.cells[row] == len(set(at))
        assert found.geodesic[row] == geodesic
        assert found.reached_goal[row] == (at[-1] == walk.goal)
        assert found.spl[row] == pytest.approx(geodesic / max(moves, geodesic) if at[-1] == walk.goal else 0)
        assert found.maze_size[row] == len(walk.walls)
    assert 0 < found.reached_goal.sum() < len(walks)


def test_a_goal_that_no_way_leads_to_has_no_geodesic() -> None:
    walls = np.ones((5, 5), bool)
    walls[1, 1:3] = walls[3, 3] = False
    found = walk_signals(
        [Walk(walls, (1, 1), 1, (3, 3), np.array([0, 0], np.uint8), np.array([False, True]))]
    )
    assert (found.geodesic.tolist(), found.spl.tolist()) == ([-1], [0])


def test_no_walks_have_no_numbers() -> None:
    found = walk_signals([])
    assert found.steps.shape == found.spl.shape == found.geodesic.shape == (0,)

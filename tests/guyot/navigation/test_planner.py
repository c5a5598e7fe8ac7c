"""The planner's actions are the best by a search of its own, and it bumps into nothing twice."""

import functools

import numpy as np
import pytest

from guyot.errors import ArrayError
from guyot.navigation.actions import DX, DY, TURN
from guyot.navigation.environment import MazeEnvironment
from guyot.navigation.mazes import mazes
from guyot.navigation.planner import BlindPlanner, planner_outcomes
from guyot.navigation.scores import spl
from guyot.navigation.tasks import tasks
from guyot.seeds import generator

SIZE = 11
WALLS = mazes(0, 60, SIZE, split="settings")
TASKS = tasks(0, WALLS, 200)
YES, NO = np.array([True]), np.array([False])


def n_actions(known, pose, goal):
    """Count the actions from a pose to a goal around known walls, by a search forward in plain Python."""
    reached, level, count = {pose}, [pose], 0
    while level and not any(at[:2] == goal for at in level):
        following = []
        for x, y, heading in level:
            ahead = x + DX[heading], y + DY[heading]
            steps = [(x, y, (heading + turn) % 4) for turn in TURN[1:]]
            if 0 <= min(ahead) and max(ahead) < SIZE and ahead not in known:
                steps.append((*ahead, heading))
            for step in steps:
                if step not in reached:
                    reached.add(step)
                    following.append(step)
        level, count = following, count + 1
    return count if level else None


def best_of(known, pose, goal):
    """Return which actions lead to fewest actions in all."""
    x, y, heading = pose
    ahead = x + DX[heading], y + DY[heading]
    is_free = 0 <= min(ahead) and max(ahead) < SIZE and ahead not in known
    counts = [n_actions(known, (*ahead, heading), goal) if is_free else None]
    counts += [n_actions(known, (x, y, (heading + turn) % 4), goal) for turn in TURN[1:]]
    least = min(count for count in counts if count is not None)
    return [count == least for count in counts]


@functools.cache
def n_labels_that_agree():
    """Compare with the slow search along walks that are partly the planner's, partly at random."""
    environment, planner = MazeEnvironment(WALLS, TASKS, 4, max_steps=25), BlindPlanner(4, SIZE)
    known, drawn, n = [set() for _ in range(4)], generator(0, "noise"), 0
    for _ in range(50):
        poses, goals, restarted = environment.poses, environment.goals, environment.restarted
        best = planner.best_actions(poses, goals, environment.bumped, restarted)
        for i in range(4):
            x, y, heading = poses[i].tolist()
            if restarted[i]:
                known[i] = set()
            if environment.bumped[i]:
                known[i].add((x + DX[heading], y + DY[heading]))
            assert best[i].tolist() == best_of(known[i], (x, y, heading), tuple(goals[i].tolist()))
            assert {(int(b), int(a)) for a, b in np.argwhere(planner.known_walls[i])} == known[i]
            n += 1
        random = drawn.random(4) < 0.5
        environment.step(np.where(random, drawn.integers(0, 3, 4), best.argmax(axis=1)))
    return n


def test_labels_are_those_of_a_slow_search():
    assert n_labels_that_agree() == 200


def test_the_loop_uncompiled_gives_the_same_labels(monkeypatch):
    planners, environment = [BlindPlanner(4, SIZE) for _ in range(2)], MazeEnvironment(WALLS, TASKS, 4)
    for _ in range(15):
        asked = environment.poses, environment.goals, environment.bumped, environment.restarted
        best = planners[0].best_actions(*asked)
        with monkeypatch.context() as patched:
            patched.setattr("guyot.navigation.planner.compiled", lambda loop, *called: loop)
            assert (planners[1].best_actions(*asked) == best).all()
        environment.step(best.argmax(axis=1))


def test_it_never_bumps_into_what_it_knows():
    environment, planner = MazeEnvironment(WALLS, TASKS, 100), BlindPlanner(100, SIZE)
    n_bumps, drawn = 0, generator(0, "ties")
    for _ in range(150):
        poses = environment.poses
        best = planner.best_actions(poses, environment.goals, environment.bumped, environment.restarted)
        known = planner.known_walls
        scores = np.where(best, drawn.random((100, 3)), -1)
        bump = environment.step(scores.argmax(axis=1)).bump
        x, y, heading = poses[bump].T
        assert not known[bump, y + np.array(DY)[heading], x + np.array(DX)[heading]].any()
        n_bumps += bump.sum()
    assert n_bumps > 1500


def test_no_wall_that_was_not_bumped_into_changes_a_label():
    poses, goals = np.array([[1, 1, 1]] * 2), np.array([[9, 9]] * 2)
    yes, no = np.array([True, True]), np.array([False, False])
    planner = BlindPlanner(2, SIZE)
    first = planner.best_actions(poses, goals, no, yes)
    assert (first == [[True, False, False]] * 2).all()  # east, then south: one turn
    second = planner.best_actions(poses, goals, np.array([True, False]), no)
    assert second.tolist() == [[False, False, True], [True, False, False]]


def test_memory_is_kept_when_the_goal_changes_and_lost_when_an_episode_begins():
    planner, pose = BlindPlanner(1, SIZE), np.array([[1, 1, 1]])
    planner.best_actions(pose, np.array([[5, 1]]), YES, YES)
    assert np.argwhere(planner.known_walls[0]).tolist() == [[1, 2]]
    assert planner.best_actions(pose, np.array([[6, 1]]), NO, NO).tolist() == [
        [False, True, True]
    ]  # around it
    assert planner.best_actions(pose, np.array([[6, 1]]), NO, YES).tolist() == [[True, False, False]]
    assert not planner.known_walls.any()


def test_an_agent_that_never_began_begins_with_nothing_known():
    planner = BlindPlanner(1, SIZE)
    assert not planner.known_walls.any()
    assert planner.best_actions(np.array([[1, 1, 1]]), np.array([[5, 1]]), NO, NO).tolist() == [
        [True, False, False]
    ]


def test_what_is_known_can_be_put_in_place_and_planned_with():
    environment, planner = MazeEnvironment(WALLS, TASKS, 30), BlindPlanner(30, SIZE)
    for i in range(60):
        asked = environment.poses, environment.goals, environment.bumped, environment.restarted
        if i == 40:
            other = BlindPlanner(30, SIZE)
            other.remember(planner.known_walls)
        best = planner.best_actions(*asked)
        if i >= 40:
            assert (other.best_actions(*asked) == best).all()
            assert (other.known_walls == planner.known_walls).all()
        environment.step(best.argmax(axis=1))
    assert planner.known_walls.any(axis=(1, 2)).sum() > 20
    for wrong in (planner.known_walls[:2], planner.known_walls[:, 1:]):
        with pytest.raises(ArrayError, match=r"give \[30, 11, 11\]"):
            planner.remember(wrong)


def test_held_out_tasks_are_walked_as_the_prototype_walked_them():
    walls = mazes(0, 500, split="held_out")
    drawn = tasks(0, walls, 1000)
    success, moves = planner_outcomes(walls, drawn)
    assert success.mean() > 0.93
    assert 0.73 < spl(success, moves, drawn.geodesic).mean() < 0.80
    longer, _ = planner_outcomes(walls, drawn, max_steps=150)
    assert longer.mean() > 0.99
    assert (longer >= success).all()
    assert (moves >= drawn.geodesic)[success].all()
    assert not planner_outcomes(walls, drawn, max_steps=5)[0].any()  # geodesics begin at 6


def test_what_cannot_be_planned_for_is_refused():
    planner, pose, goal = BlindPlanner(1, SIZE), np.array([[1, 1, 1]]), np.array([[5, 1]])
    with pytest.raises(ArrayError, match=r"give \[1, 3\]"):
        planner.best_actions(pose[0], goal, NO, YES)
    for wrong in (np.array([[11, 1]]), np.array([[1, -1]])):
        with pytest.raises(ArrayError, match="cells reach"):
            planner.best_actions(pose, wrong, NO, YES)
        with pytest.raises(ArrayError, match="cells reach"):
            planner.best_actions(np.array([[*wrong[0], 0]]), goal, NO, YES)
    with pytest.raises(ArrayError, match="headings reach to 4"):
        planner.best_actions(np.array([[1, 1, 4]]), goal, NO, YES)
    for heading in range(3):
        planner.best_actions(np.array([[1, 1, heading]]), goal, YES, NO)
    with pytest.raises(ArrayError, match=r"agent 0 at \[1, 1\] has no way to \[5, 1\]"):
        planner.best_actions(np.array([[1, 1, 3]]), goal, YES, NO)

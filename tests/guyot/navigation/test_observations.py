"""Twelve numbers, worked out by hand, in which no wall shows."""

import numpy as np
import pytest

from guyot.errors import ArrayError
from guyot.navigation.observations import observations, walk_observations


def test_numbers_of_one_observation():
    seen = observations(np.array([4, 9, 2]), np.array([3, 5]), np.array([1, 7]), np.array(1))
    assert seen.dtype == np.float32
    expected = [-0.4, 0.4, 0.2, 0.8, 0, 0, 1, 0, 0, 1, 0, 0]
    assert seen.tolist() == [float(np.float32(number)) for number in expected]


def test_a_batch_is_its_rows():
    poses = np.array([[1, 1, 0], [3, 5, 3]], np.int16)
    starts, goals, previous = np.array([[1, 1], [3, 3]]), np.array([[5, 5], [7, 1]]), np.array([3, 0])
    both = observations(poses, starts, goals, previous)
    for i in range(2):
        assert (both[i] == observations(poses[i], starts[i], goals[i], previous[i])).all()


def test_a_walk_is_seen_from_its_poses_and_actions_alone():
    # forward, bump, left, forward
    poses = np.array([[1, 1, 1], [2, 1, 1], [2, 1, 1], [2, 1, 0], [2, 0, 0]], np.int16)
    seen = walk_observations(poses, np.array([0, 0, 1, 0], np.uint8), (3, 6))
    assert seen.shape == (5, 12)
    assert (seen[:, :2] == np.float32([0.4, 1])).all()
    assert seen[:, 2].tolist() == [float(np.float32(cells) / np.float32(5)) for cells in (0, 1, 1, 1, 1)]
    assert seen[:, 3].tolist() == [0, 0, 0, 0, float(np.float32(-0.2))]
    assert seen[:, 4:8].argmax(axis=1).tolist() == [1, 1, 1, 0, 0]
    assert seen[:, 8:].argmax(axis=1).tolist() == [3, 0, 0, 1, 0]
    assert (seen[:, 4:].sum(axis=1) == 2).all()


def test_unsigned_poses_do_not_wrap():
    poses = np.array([[5, 5, 3], [4, 5, 3]], np.uint8)
    assert walk_observations(poses, np.array([0], np.uint8), (1, 1))[1, 2] == np.float32(-0.2)


def test_what_cannot_be_sensed_is_refused():
    start = np.array([1, 1])
    with pytest.raises(ArrayError, match="headings reach from 4"):
        observations(np.array([1, 1, 4]), start, start, np.array(3))
    with pytest.raises(ArrayError, match="previous actions reach from 4"):
        observations(np.array([1, 1, 0]), start, start, np.array(4))
    with pytest.raises(ArrayError, match=r"give \[3, 3\]"):
        walk_observations(np.zeros((2, 3), int), np.zeros(2, int), (1, 1))

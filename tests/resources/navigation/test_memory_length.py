"""Success with a memory cut short is that of walks with such a memory."""

import numpy as np

from guyot.navigation.mazes import mazes
from guyot.navigation.tasks import tasks
from resources.navigation.episodes import reached
from resources.navigation.memory_length import success_by_memory
from resources.navigation.network import new_network
from resources.navigation.policies import Policy
from resources.navigation.policy_walks import walk_tasks
from resources.navigation.updates import sharpen

WALLS = mazes(0, 10, size=7)


def decided(memory: str) -> Policy:
    """Return a policy that was not trained, and whose actions follow from what it holds."""
    network = new_network(memory, 0)
    sharpen(network, 100)
    return Policy(network, {"memory": memory})


def test_success_is_told_for_each_length_and_for_all() -> None:
    policy, asked = decided("gru"), tasks(0, WALLS, 40)
    found = success_by_memory(policy, WALLS, asked, 3, (1, 4))
    assert list(found) == [1, 4, 0]
    for n, success in found.items():
        walks = walk_tasks(policy, WALLS, asked, 3, n_observations=n or None)
        np.testing.assert_array_equal(success, [reached(walk) for walk in walks])
    assert 0 < found[0].mean() < 1
    assert (found[1] != found[0]).any()


def test_what_has_no_memory_loses_nothing() -> None:
    policy, asked = decided("none"), tasks(0, WALLS, 40)
    found = success_by_memory(policy, WALLS, asked, 0, (1, 3))
    np.testing.assert_array_equal(found[1], found[0])
    np.testing.assert_array_equal(found[3], found[0])

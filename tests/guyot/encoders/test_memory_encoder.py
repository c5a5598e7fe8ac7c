"""The mean of states over time, unit length, in the order of the walks."""

import numpy as np
import pytest
from support.episodes import maze, walk_at_random

from guyot.encoders.memory_encoder import MemoryEncoder, memory_encoder_id
from guyot.errors import ArrayError
from guyot.navigation.walks import format_walk


def states(walks):
    """Return the time, and the number of bumps so far, as a state of two units."""
    return [
        np.stack([np.arange(len(walk.actions) + 1), [0, *np.cumsum(walk.bumps)]], axis=1).astype(np.float32)
        for walk in walks
    ]


def test_rows_are_mean_states_of_unit_length() -> None:
    walks = [walk_at_random(maze(n), 0, n) for n in range(5)]
    encoder = MemoryEncoder("one", 2, states)
    found = encoder.encode([format_walk(walk) for walk in walks])
    assert (found.dtype, found.shape) == (np.float32, (5, 2))
    for row, walk in zip(found, walks, strict=True):
        n = len(walk.actions) + 1
        mean = np.array([(n - 1) / 2, sum(walk.bumps[:t].sum() for t in range(n)) / n])
        np.testing.assert_allclose(row, mean / np.linalg.norm(mean), rtol=1e-6)
    assert encoder.encode([]).shape == (0, 2)


def test_a_memory_of_zeros_is_refused_with_the_number_of_the_walk() -> None:
    walks = [walk_at_random(maze(n), 0, n) for n in range(3)]

    def empty(walks):
        return [found * (number != 1) for number, found in enumerate(states(walks))]

    with pytest.raises(ArrayError, match="walk 1 of 3"):
        MemoryEncoder("one", 2, empty).encode([format_walk(walk) for walk in walks])


def test_the_id_is_of_the_policy() -> None:
    assert MemoryEncoder("one", 2, states).id == memory_encoder_id("one") != memory_encoder_id("two")

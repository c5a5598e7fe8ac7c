"""One episode of each agent: what a network does on its own observations, and where it ends."""

import numpy as np
import pytest
import torch

from guyot.navigation.environment import MazeEnvironment
from guyot.navigation.mazes import mazes
from guyot.navigation.tasks import tasks
from guyot.seeds import generator
from resources.navigation.network import PolicyNetwork, new_network
from resources.navigation.rollouts import sampled
from resources.navigation.walking import walk_once

N, T = 12, 20
WALLS = mazes(0, 5, size=7)
DRAWS = generator(0, "draws").random((T, N), np.float32)


def environment() -> MazeEnvironment:
    return MazeEnvironment(WALLS, tasks(0, WALLS, N, min_geodesic=1, max_geodesic=5), N, max_steps=T)


def network() -> PolicyNetwork:
    made = new_network("gru", 0)
    with torch.no_grad():
        made.policy.weight *= 300
    return made


@pytest.mark.parametrize("n_observations", [None, 1, 3])
def test_each_agent_does_what_the_network_says_alone(n_observations: int | None) -> None:
    made, initial = network(), generator(0, "initial").normal(size=(N, 128)).astype(np.float32)
    given = None if n_observations else initial
    actions, bumps, lengths = walk_once(made, environment(), DRAWS, given, n_observations)
    replayed = environment()
    seen = [replayed.reset()]
    for t in range(len(actions)):
        for i in np.flatnonzero(t < lengths):
            past = torch.from_numpy(np.stack([one[i] for one in seen]))[-(n_observations or T) :].unsqueeze(1)
            before = torch.zeros(1, 128) if given is None else torch.from_numpy(initial[i : i + 1])
            with torch.no_grad():
                logits = made(past, before, torch.ones(len(past), 1))[0][-1]
            expected = sampled(logits.softmax(-1), torch.from_numpy(DRAWS[t, i : i + 1]))
            assert actions[t, i] == expected.item()
        step = replayed.step(actions[t])
        assert np.array_equal(step.bump[t < lengths], bumps[t][t < lengths])
        assert np.array_equal(step.done[t < lengths], (lengths == t + 1)[t < lengths])
        seen.append(step.observations)
    assert lengths.min() < T
    assert len(actions) == lengths.max()

"""The state of a training: it comes back to the bit, and another training's is left alone."""

import numpy as np
import pytest
import torch

from resources.navigation.network import PolicyNetwork, new_network
from resources.navigation.policy_state import CurvePoint, TrainingProgress, pack, restore
from resources.navigation.updates import new_optimizer

CURVE = [CurvePoint(10, 0.1, 3, 1 / 3, 0.2, 0), CurvePoint(20, -0.3, 0, 0.0, 0.0, 2)]
AGENTS = {"places": np.arange(6, dtype=np.int32).reshape(2, 3), "known": np.array([True, False])}


def stepped(seed: int) -> tuple[PolicyNetwork, torch.optim.Adam]:
    network = new_network("gru", seed)
    optimizer = new_optimizer(network)
    for _ in range(2):
        optimizer.zero_grad()
        logits, values, _ = network.step(torch.ones(3, 12), torch.ones(3, 128))
        (logits.square().sum() + values.sum()).backward()
        optimizer.step()
    return network, optimizer


def test_all_of_a_state_comes_back() -> None:
    network, optimizer = stepped(0)
    content = pack(network, optimizer, AGENTS, TrainingProgress(2, 1, 3.5, CURVE), "mine")
    other, others_optimizer = stepped(1)
    found = restore(content, other, others_optimizer, "mine")
    assert found is not None
    progress, agents = found
    assert (progress.updates, progress.level, progress.seconds) == (2, 1, 3.5)
    assert progress.curve == CURVE
    assert {name: (values.dtype, values.tolist()) for name, values in agents.items()} == {
        name: (values.dtype, values.tolist()) for name, values in AGENTS.items()
    }
    for one, two in zip(network.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)
        ones, twos = optimizer.state[one], others_optimizer.state[two]
        assert set(ones) == set(twos) == {"step", "exp_avg", "exp_avg_sq"}
        assert all(torch.equal(ones[key], twos[key]) for key in ones)
    assert pack(other, others_optimizer, agents, progress, "mine") == content


def test_a_state_before_the_first_update_comes_back() -> None:
    network = new_network("none", 0)
    content = pack(network, new_optimizer(network), {}, TrainingProgress(), "mine")
    found = restore(content, network, new_optimizer(network), "mine")
    assert found == (TrainingProgress(), {})


def test_another_trainings_state_changes_nothing() -> None:
    network, optimizer = stepped(0)
    content = pack(network, optimizer, {}, TrainingProgress(), "mine")
    other, others_optimizer = stepped(1)
    before = [p.clone() for p in other.parameters()]
    assert restore(content, other, others_optimizer, "another") is None
    assert all(torch.equal(a, b) for a, b in zip(before, other.parameters(), strict=True))


def test_damage_is_no_state() -> None:
    network, optimizer = stepped(0)
    content = pack(network, optimizer, {}, TrainingProgress(), "mine")
    with pytest.raises(ValueError):
        restore(b"\x05" + content[1:], network, optimizer, "mine")

"""The network: its recurrence against torch's, its gradients against differences, and episodes that begin inside."""

import math

import numpy as np
import pytest
import torch

from guyot.errors import SettingError
from guyot.seeds import generator
from resources.navigation.network import (
    N_UNITS,
    PERIODS_CELLS,
    PolicyNetwork,
    network_of,
    new_network,
)
from resources.navigation.policy_settings import MEMORIES

each_memory = pytest.mark.parametrize("memory", MEMORIES)


def observed(*shape: int) -> torch.Tensor:
    return torch.from_numpy(generator(0, "observed", *shape).normal(size=(*shape, 12)))


def network(memory: str = "gru", seed: int = 0) -> PolicyNetwork:
    return new_network(memory, seed).double()


def test_without_an_end_of_an_episode_it_is_torchs_gru() -> None:
    own, library = network(), torch.nn.GRU(64, N_UNITS).double()
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    library.load_state_dict({f"{name}_l0": getattr(own.recurrent, name) for name in names})
    seen, before = observed(9, 4), torch.randn(4, N_UNITS, dtype=torch.float64)
    found = own(seen, before, torch.ones(9, 4))[2]
    expected = library(own._embed(seen), before[None])[0]
    assert torch.allclose(found, expected, rtol=0, atol=1e-12)
    by_own = torch.autograd.grad(found.square().sum(), [getattr(own.recurrent, name) for name in names])
    by_library = torch.autograd.grad(expected.square().sum(), list(library.parameters()))
    assert all(torch.allclose(a, b, rtol=1e-8, atol=1e-8) for a, b in zip(by_own, by_library, strict=True))


@each_memory
def test_gradients_are_those_of_finite_differences(memory: str) -> None:
    own, seen = network(memory), observed(3, 2)
    keep = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], dtype=torch.float64)
    before = torch.full((2, N_UNITS), 0.3, dtype=torch.float64)
    for weight in (own.policy.weight, own.value.weight, own.embedding.bias):

        def loss(values: torch.Tensor, weight: torch.Tensor = weight) -> torch.Tensor:
            logits, found, _ = torch.func.functional_call(
                own, {name_of(own, weight): values}, (seen, before, keep)
            )
            return logits.square().sum() + found.sin().sum()

        assert torch.autograd.gradcheck(loss, (weight.detach().clone().requires_grad_(),), fast_mode=True)


def name_of(module: torch.nn.Module, weight: torch.Tensor) -> str:
    return next(name for name, found in module.named_parameters() if found is weight)


def test_gradients_through_time_stop_where_an_episode_begins() -> None:
    own = network()
    seen = observed(5, 2).requires_grad_()
    keep = torch.ones(5, 2)
    keep[2, 0] = 0  # row 0 begins anew at step 2
    own(seen, torch.zeros(2, N_UNITS).double(), keep)[2][4].sum().backward()
    of_step = seen.grad.abs().sum(dim=2)
    assert (of_step[:2, 0] == 0).all()
    assert (of_step[2:, 0] > 0).all()
    assert (of_step[:, 1] > 0).all()


@each_memory
def test_a_sequence_of_two_episodes_is_the_two_by_themselves(memory: str) -> None:
    own, seen = network(memory), observed(7, 1)
    keep = torch.ones(7, 1)
    keep[3] = 0
    before, none = torch.randn(1, N_UNITS, dtype=torch.float64), torch.zeros(1, N_UNITS).double()
    together = own(seen, before, keep)
    first = own(seen[:3], before, torch.ones(3, 1))
    second = own(seen[3:], none, torch.ones(4, 1))
    for whole, a, b in zip(together, first, second, strict=True):
        assert torch.allclose(whole, torch.cat([a, b]), rtol=0, atol=1e-12)


@each_memory
def test_steps_one_by_one_are_the_sequence(memory: str) -> None:
    own, seen = network(memory), observed(6, 3)
    state = torch.zeros(3, N_UNITS).double()
    logits, values, states = own(seen, state, torch.ones(6, 3))
    for t in range(6):
        a, b, state = own.step(seen[t], state)
        assert torch.allclose(a, logits[t], atol=1e-12)
        assert torch.allclose(b, values[t], atol=1e-12)
        assert torch.allclose(state, states[t], atol=1e-12)


def test_without_a_memory_the_past_is_nothing() -> None:
    own, seen = network("none"), observed(5, 2)
    other = seen.clone()
    other[:4] = observed(4, 2) + 1
    before = torch.randn(2, N_UNITS, dtype=torch.float64)
    one, two = own(seen, before, torch.ones(5, 2)), own(other, 2 * before, torch.ones(5, 2))
    assert all(torch.equal(a[4], b[4]) for a, b in zip(one, two, strict=True))
    assert not torch.equal(one[2][3], two[2][3])
    with_memory = network("gru")
    one, two = (with_memory(s, before, torch.ones(5, 2)) for s in (seen, other))
    assert not torch.allclose(one[0][4], two[0][4], atol=1e-6)


@each_memory
def test_a_place_is_seen_as_sines_of_cells(memory: str) -> None:
    own = network(memory)
    inputs: list[torch.Tensor] = []
    own.embedding.register_forward_hook(lambda _m, given, _out: inputs.append(given[0]))
    seen = torch.zeros(1, 12, dtype=torch.float64)
    seen[0, 2] = 3 / 5  # 3 cells to the east of the start
    own.step(seen, torch.zeros(1, N_UNITS).double())
    sines, cosines = inputs[0][0, 12:32].reshape(4, 5), inputs[0][0, 32:].reshape(4, 5)
    expected = [math.sin(2 * math.pi * 3 / period) for period in PERIODS_CELLS]
    assert torch.allclose(sines[2], torch.tensor(expected, dtype=torch.float64), atol=1e-6)
    assert (sines[[0, 1, 3]] == 0).all()
    assert (cosines[[0, 1, 3]] == 1).all()
    assert inputs[0].shape == (1, 52)


@each_memory
def test_it_begins_orthogonal_and_all_but_uniform(memory: str) -> None:
    own = network(memory)
    assert 30_000 < sum(p.numel() for p in own.parameters()) < 90_000
    if memory == "gru":
        for gate in own.recurrent.weight_hh.chunk(3):
            assert torch.allclose(gate @ gate.T, torch.eye(N_UNITS).double(), atol=1e-5)
        assert own.recurrent.bias_hh.abs().max() == 0
    logits = own(observed(20, 5), torch.zeros(5, N_UNITS).double(), torch.ones(20, 5))[0]
    assert (logits.softmax(-1) - 1 / 3).abs().max() < 0.05


@each_memory
def test_weights_are_of_the_seed_and_come_back(memory: str) -> None:
    one, same, other = (new_network(memory, seed).state_dict() for seed in (0, 0, 1))
    assert "rates" not in one
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["embedding.weight"], other["embedding.weight"])
    built = network_of(memory, other).state_dict()
    assert all(np.array_equal(built[name], other[name]) for name in other)


def test_another_memory_is_refused() -> None:
    with pytest.raises(SettingError, match="'lstm' was asked for; choose from gru, none"):
        PolicyNetwork("lstm")

"""The recurrence: torch's own cell step after step, finite differences, and states that are cleared inside."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.navigation.gru import states_over_time


def case(n_steps: int, n_rows: int, n_inputs: int, n_units: int, seed: int = 0) -> tuple[torch.Tensor, ...]:
    drawn = torch.Generator().manual_seed(seed)

    def numbers(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=drawn, dtype=torch.float64).requires_grad_()

    keep = (torch.rand(n_steps, n_rows, generator=drawn) > 0.3).double()
    return numbers(n_steps, n_rows, n_inputs), numbers(n_rows, n_units), keep


def cell_of(n_inputs: int, n_units: int, seed: int = 0) -> torch.nn.GRUCell:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return torch.nn.GRUCell(n_inputs, n_units).double()


def step_by_step(
    cell: torch.nn.GRUCell, inputs: torch.Tensor, state: torch.Tensor, keep: torch.Tensor
) -> torch.Tensor:
    states = []
    for given_inputs, kept in zip(inputs, keep, strict=True):
        state = cell(given_inputs, state * kept.unsqueeze(1))
        states.append(state)
    return torch.stack(states)


@given(shape=st.tuples(*(st.integers(1, 5) for _ in range(4))), seed=st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_states_and_gradients_are_those_of_torchs_cell(shape: tuple[int, ...], seed: int) -> None:
    inputs, state, keep = case(*shape, seed=seed)
    cell = cell_of(*shape[2:], seed=seed)
    weight = torch.randn(shape[0], shape[1], shape[3], generator=torch.Generator().manual_seed(seed)).double()
    of = (inputs, state, *cell.parameters())
    found, expected = states_over_time(cell, inputs, state, keep), step_by_step(cell, inputs, state, keep)
    assert torch.allclose(found, expected, rtol=0, atol=1e-12)
    by_own = torch.autograd.grad((found * weight).sum(), of)
    by_torch = torch.autograd.grad((expected * weight).sum(), of)
    assert all(torch.allclose(a, b, rtol=0, atol=1e-10) for a, b in zip(by_own, by_torch, strict=True))


def test_without_clearing_it_is_torchs_gru() -> None:
    inputs, state, keep = case(9, 4, 6, 5)
    cell, library = cell_of(6, 5), torch.nn.GRU(6, 5).double()
    library.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    found = states_over_time(cell, inputs, state, torch.ones_like(keep))
    expected = library(inputs, state[None])[0]
    assert torch.allclose(found, expected, rtol=0, atol=1e-8)
    by_own = torch.autograd.grad(found.sin().sum(), list(cell.parameters()))
    by_library = torch.autograd.grad(expected.sin().sum(), list(library.parameters()))
    assert all(torch.allclose(a, b, rtol=0, atol=1e-8) for a, b in zip(by_own, by_library, strict=True))


def test_gradients_are_those_of_finite_differences() -> None:
    inputs, state, keep = case(4, 3, 2, 3)
    cell = cell_of(2, 3)
    names, weights = zip(*cell.named_parameters(), strict=True)

    def states(inputs: torch.Tensor, state: torch.Tensor, *values: torch.Tensor) -> torch.Tensor:
        other = torch.nn.Module()
        for name, value in zip(names, values, strict=True):
            setattr(other, name, value)
        return states_over_time(other, inputs, state, keep)

    leaves = [weight.detach().clone().requires_grad_() for weight in weights]
    assert torch.autograd.gradcheck(states, (inputs, state, *leaves), atol=1e-8)


def test_a_cleared_row_forgets_and_the_others_do_not() -> None:
    inputs, state, keep = case(5, 2, 3, 4)
    keep = torch.ones_like(keep)
    keep[2, 0] = 0
    states_over_time(cell_of(3, 4), inputs, state, keep)[4].sum().backward()
    assert inputs.grad is not None
    assert state.grad is not None
    of_step = inputs.grad.abs().sum(dim=2)
    assert (of_step[:2, 0] == 0).all()
    assert (of_step[2:, 0] > 0).all()
    assert (of_step[:, 1] > 0).all()
    assert (state.grad[0] == 0).all()
    assert (state.grad[1] != 0).any()


def test_a_state_that_is_given_stands_for_the_one_that_was_cleared() -> None:
    inputs, state, keep = case(6, 3, 4, 5)
    cell = cell_of(4, 5)
    other = torch.randn(6, 3, 5, dtype=torch.float64) * (1 - keep).unsqueeze(2)
    found, step = [], state
    for t in range(6):
        step = cell(inputs[t], step * keep[t].unsqueeze(1) + other[t])
        found.append(step)
    own, expected = states_over_time(cell, inputs, state, keep, other), torch.stack(found)
    assert torch.allclose(own, expected, rtol=0, atol=1e-12)
    of = (inputs, state, *cell.parameters())
    by_own, by_torch = (torch.autograd.grad(x.sin().sum(), of) for x in (own, expected))
    assert all(torch.allclose(a, b, rtol=0, atol=1e-10) for a, b in zip(by_own, by_torch, strict=True))


def test_there_is_no_second_derivative() -> None:
    inputs, state, keep = case(2, 2, 2, 2)
    first = torch.autograd.grad(
        states_over_time(cell_of(2, 2), inputs, state, keep).sum(), inputs, create_graph=True
    )
    with pytest.raises(RuntimeError):
        first[0].sum().backward()

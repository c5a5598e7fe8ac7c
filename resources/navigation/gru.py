"""The loop of a gated recurrent unit over time, with its backward pass written out.

It computes what torch.nn.GRUCell does when it is called step after step, and takes two thirds of its time on
one core: products of weights are made once for all steps, and each step writes where its results stay.
torch.nn.GRU cannot clear the state of one row at one step. Torch is loaded with this module.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

_sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input
_tanh_backward = torch.ops.aten.tanh_backward.grad_input


def states_over_time(
    cell: torch.nn.GRUCell, inputs: Tensor, state: Tensor, keep: Tensor, given: Tensor | None = None
) -> Tensor:
    """Return the state of several rows after each step.

    Parameters
    ----------
    cell : of h units, with biases; its gates are reset, update and new, in this order
    inputs : float[t, n, d]
    state : float[n, h], before the first step
    keep : float[t, n], 0 where the state before a step is cleared, else 1
    given : float[t, n, h], what is added to the state before a step, once it was kept or cleared; None: 0

    Returns
    -------
    float[t, n, h]

    Notes
    -----
    O(t n h (d + h)), and 8 t n h numbers kept for the gradient, which flows to all but `keep` and `given`,
    once: there is no second derivative.
    """
    weights = (cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)
    found: Any = _Recurrence.apply(inputs, state, keep, given, *weights)
    return found


class _Recurrence(torch.autograd.Function):
    """Gates r, u = sigmoid, new = tanh(x + r h), state = new + u (before - new); h: of the state before."""

    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, state: Tensor, keep: Tensor, given: Tensor | None, *weights: Tensor
    ) -> Tensor:
        """Go through time; each step's gates, and what made them, are kept."""
        input_weight, state_weight, input_bias, state_bias = weights
        (n_steps, n_rows, n_inputs), n_units = inputs.shape, state.shape[1]
        projected = torch.addmm(input_bias, inputs.reshape(-1, n_inputs), input_weight.T)
        projected = projected.view(n_steps, n_rows, -1)
        states, before, news = inputs.new_empty(3, n_steps, n_rows, n_units).unbind()
        recurrent = torch.empty_like(projected)
        gates = inputs.new_empty(n_steps, n_rows, 2 * n_units)
        transposed = state_weight.T.contiguous()
        sigmoid, tanh = slice(0, 2 * n_units), slice(2 * n_units, 3 * n_units)
        for t in range(n_steps):
            torch.mul(state, keep[t].unsqueeze(1), out=before[t])
            if given is not None:
                before[t].add_(given[t])
            torch.addmm(state_bias, before[t], transposed, out=recurrent[t])
            torch.add(projected[t, :, sigmoid], recurrent[t, :, sigmoid], out=gates[t]).sigmoid_()
            reset, update = gates[t, :, :n_units], gates[t, :, n_units:]
            torch.addcmul(projected[t, :, tanh], reset, recurrent[t, :, tanh], out=news[t]).tanh_()
            state = torch.lerp(news[t], before[t], update, out=states[t])
        ctx.save_for_backward(inputs, keep, input_weight, state_weight, before, news, recurrent, gates)
        return states

    @staticmethod
    @once_differentiable  # its parameters have no names
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grad_outputs: Tensor
    ) -> tuple[Tensor | None, ...]:
        """Go back through time; each step's four derivatives stand side by side for the products after."""
        (of_states,) = grad_outputs
        inputs, keep, input_weight, state_weight, before, news, recurrent, gates = ctx.saved_tensors
        n_steps, n_rows, n_units = before.shape
        # columns: reset, update, the new gate's recurrent part, the new gate
        derivatives = inputs.new_empty(n_steps, n_rows, 4 * n_units)
        of_before, of_state, one, other = inputs.new_zeros(4, n_rows, n_units).unbind()
        for t in range(n_steps - 1, -1, -1):
            reset, update = gates[t, :, :n_units], gates[t, :, n_units:]
            of_reset, of_update, of_recurrent, of_new = derivatives[t].chunk(4, dim=1)
            torch.add(of_states[t], of_before, out=of_state)
            torch.sub(before[t], news[t], out=one).mul_(of_state)
            _sigmoid_backward(one, update, grad_input=of_update)
            torch.mul(of_state, update, out=one)  # what goes past the gates
            torch.sub(of_state, one, out=other)
            _tanh_backward(other, news[t], grad_input=of_new)
            torch.mul(of_new, reset, out=of_recurrent)
            torch.mul(of_new, recurrent[t, :, 2 * n_units :], out=other)
            _sigmoid_backward(other, reset, grad_input=of_reset)
            torch.addmm(one, derivatives[t, :, : 3 * n_units], state_weight, out=of_before)
            of_before.mul_(keep[t].unsqueeze(1))
        flat, seen = derivatives.view(-1, 4 * n_units), inputs.reshape(n_steps * n_rows, -1)
        gates_of, new_of, of_products = flat[:, : 2 * n_units], flat[:, 3 * n_units :], flat[:, : 3 * n_units]
        of_inputs = torch.addmm(gates_of @ input_weight[: 2 * n_units], new_of, input_weight[2 * n_units :])
        of_input_weight = torch.cat([gates_of.T @ seen, new_of.T @ seen])
        of_state_weight = of_products.T @ before.view(-1, n_units)
        of_bias = flat.sum(0)
        of_input_bias = torch.cat([of_bias[: 2 * n_units], of_bias[3 * n_units :]])
        of_weights = (of_input_weight, of_state_weight, of_input_bias, of_bias[: 3 * n_units])
        return of_inputs.view_as(inputs), of_before, None, None, *of_weights

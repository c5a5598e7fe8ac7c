"""The policy network of a blind agent: a gated recurrent unit over what it senses, or none for a control.

Torch is loaded with this module; who only wants to know what there is does not import it.
"""

import math
from typing import Any

import torch
from torch import Tensor

from guyot.errors import SettingError
from guyot.navigation.actions import N_ACTIONS
from guyot.navigation.observations import CELLS_PER_UNIT, N_OBSERVED
from resources.models.reproducibility import drawing
from resources.navigation.gru import states_over_time
from resources.navigation.policy_settings import MEMORIES, N_UNITS

PERIODS_CELLS = (2.5, 4.0, 6.5, 11.0, 22.0)  # of the sines that places are given as, beside their coordinates
_N_COORDINATES = 4  # the first of what is observed: of the goal and of the position
_N_FEATURES = N_OBSERVED + 2 * _N_COORDINATES * len(PERIODS_CELLS)
_EMBEDDING, _VALUE_UNITS = 64, 64
_POLICY_GAIN = 0.01  # the first policy is close to uniform


class PolicyNetwork(torch.nn.Module):
    """What an agent observed -> the next action's logits and the value of the place it is in.

    Parameters
    ----------
    memory : "gru": a gated recurrent unit of 128 (Cho et al. 2014); "none": two ReLU layers of 128 in its
        place, so that each action follows from the current observation alone

    Raises
    ------
    SettingError : another memory.

    Notes
    -----
    Some 87,000 parameters, those of nn.GRUCell among them. Matrices begin orthogonal, each gate's by itself,
    of gain sqrt(2) in front of a ReLU, .01 for the policy and 1 elsewhere (Saxe et al. 2014); biases at 0.

    Wijmans et al. (arXiv 2301.13261, section 2) have an LSTM of 3 layers of 512 units, and no sines.
    """

    def __init__(self, memory: str) -> None:
        super().__init__()
        if memory not in MEMORIES:
            raise SettingError(f"memory {memory!r} was asked for; choose from {', '.join(MEMORIES)}")
        self.memory = memory
        rates = [2 * math.pi * CELLS_PER_UNIT / period for period in PERIODS_CELLS]
        self.rates: Tensor  # of angles per observed unit, as a buffer
        self.register_buffer("rates", torch.tensor(rates, dtype=torch.float32), persistent=False)
        self.embedding = _linear(_N_FEATURES, _EMBEDDING, math.sqrt(2))
        if memory == "gru":
            self.recurrent = _gru(_EMBEDDING, N_UNITS)
        else:
            self.layers = torch.nn.ModuleList(
                _linear(n_inputs, N_UNITS, math.sqrt(2)) for n_inputs in (_EMBEDDING, N_UNITS)
            )
        self.policy = _linear(N_UNITS, N_ACTIONS, _POLICY_GAIN)
        self.value_units = _linear(N_UNITS, _VALUE_UNITS, math.sqrt(2))
        self.value = _linear(_VALUE_UNITS, 1, 1.0)

    def forward(
        self, observed: Tensor, state: Tensor, keep: Tensor, given: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Follow several agents over several steps.

        Parameters
        ----------
        observed : float[t, n, 12], see `guyot.navigation.observations`
        state : float[n, 128], before the first step
        keep : float[t, n], 0 where an episode begins at this step and the state before it is cleared, else 1
        given : float[t, n, 128], what episodes begin with that begin at a step, 0 elsewhere; None: 0

        Returns
        -------
        (logits float[t, n, 3], values float[t, n], states after each step float[t, n, 128])
        """
        embedded = self._embed(observed)
        if self.memory == "none":
            states = self._without_memory(embedded)
        else:
            states = states_over_time(self.recurrent, embedded, state, keep, given)
        return (*self._heads(states), states)

    def step(self, observed: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Follow agents over one step of an episode under way.

        Parameters
        ----------
        observed : float[n, 12]
        state : float[n, 128], before it; 0 at an episode's beginning

        Returns
        -------
        (logits float[n, 3], values float[n], states after the step float[n, 128])
        """
        embedded = self._embed(observed)
        state = self._without_memory(embedded) if self.memory == "none" else self.recurrent(embedded, state)
        return (*self._heads(state), state)

    def _embed(self, observed: Tensor) -> Tensor:
        """Embed observations, with the sines and cosines of their coordinates."""
        angles = (observed[..., :_N_COORDINATES, None] * self.rates).flatten(-2)
        return torch.relu(self.embedding(torch.cat([observed, angles.sin(), angles.cos()], dim=-1)))

    def _without_memory(self, embedded: Tensor) -> Tensor:
        """Return what takes the place of the state, of each observation by itself."""
        for layer in self.layers:
            embedded = torch.relu(layer(embedded))
        return embedded

    def _heads(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of actions, and values."""
        values = self.value(torch.relu(self.value_units(states))).squeeze(-1)
        return self.policy(states), values


def new_network(memory: str, seed: int) -> PolicyNetwork:
    """Draw a network's initial weights; the same seed gives the same ones.

    Raises
    ------
    SettingError : a memory that there is not.
    """
    with drawing(seed):
        return PolicyNetwork(memory)


def network_of(memory: str, tensors: dict[str, Any]) -> PolicyNetwork:
    """Build a network with given weights.

    Raises
    ------
    SettingError : a memory that there is not.
    RuntimeError : tensors of other names or shapes.
    """
    network = new_network(memory, seed=0)
    network.load_state_dict(tensors)
    return network


def _linear(n_inputs: int, n_outputs: int, gain: float) -> torch.nn.Linear:
    """Build a linear layer with an orthogonal matrix."""
    layer = torch.nn.Linear(n_inputs, n_outputs)
    torch.nn.init.orthogonal_(layer.weight, gain)
    torch.nn.init.zeros_(layer.bias)
    return layer


def _gru(n_inputs: int, n_units: int) -> torch.nn.GRUCell:
    """Build a recurrent unit with an orthogonal matrix for each gate."""
    cell = torch.nn.GRUCell(n_inputs, n_units)
    with torch.no_grad():
        for weight in (cell.weight_ih, cell.weight_hh):
            for gate in weight.chunk(3):
                gate.copy_(torch.nn.init.orthogonal_(torch.empty_like(gate)))
        cell.bias_ih.zero_()
        cell.bias_hh.zero_()
    return cell

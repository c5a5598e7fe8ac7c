"""One episode of each of several agents, whose memory may be given or cut short.

Torch is loaded with this module.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from guyot.navigation.environment import MazeEnvironment
from resources.navigation.network import N_UNITS, PolicyNetwork
from resources.navigation.rollouts import sampled


def walk_once(
    network: PolicyNetwork,
    environment: MazeEnvironment,
    draws: NDArray[np.float32],
    initial: NDArray[np.float32] | None = None,
    n_observations: int | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.int64]]:
    """Act until each agent's first episode has ended.

    Parameters
    ----------
    environment : of n agents; it is reset
    draws : float32[t, n], uniform in [0, 1), what decides each action; t as the episodes' longest
    initial : float32[n, 128], states before the first observation; None: 0
    n_observations : of the last ones, from which the state is made anew, from 0, before each action; None: of
        all, from `initial`

    Returns
    -------
    (actions uint8[s, n], bumps bool[s, n], lengths int64[n]), s at most t: of agent i the first lengths[i]
    are of its episode, and what follows means nothing

    Notes
    -----
    O(t n) products of the network, and with `n_observations` as many times as many.
    """
    n_agents = environment.n_agents
    device = network.policy.weight.device
    state = torch.zeros(n_agents, N_UNITS, device=device)
    if initial is not None:
        state = torch.from_numpy(initial).to(device)
    observed, recent = environment.reset(), []
    actions: list[NDArray[np.uint8]] = []
    bumps: list[NDArray[np.bool_]] = []
    lengths = np.zeros(n_agents, np.int64)
    for t, drawn in enumerate(torch.from_numpy(draws).to(device)):
        seen = torch.from_numpy(observed).to(device)
        with torch.inference_mode():
            if n_observations is None:
                logits, _, state = network.step(seen, state)
            else:
                recent = [*recent, seen][-n_observations:]
                logits = _from_recent(network, recent)
            chosen = sampled(logits.softmax(dim=1), drawn).cpu().numpy()
        step = environment.step(chosen)
        observed = step.observations
        actions.append(chosen.astype(np.uint8))
        bumps.append(step.bump)
        lengths[(lengths == 0) & step.done] = t + 1
        if lengths.all():
            break
    return np.stack(actions), np.stack(bumps), lengths


def _from_recent(network: PolicyNetwork, recent: list[Tensor]) -> Tensor:
    """Return the logits after some observations, float[n, 3], from an empty memory on."""
    state = torch.zeros(len(recent[0]), N_UNITS, device=recent[0].device)
    for seen in recent[:-1]:
        _, _, state = network.step(seen, state)
    return network.step(recent[-1], state)[0]

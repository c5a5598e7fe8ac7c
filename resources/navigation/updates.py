"""Updates of a network's weights from rollouts of its agents, by imitation or from reward.

Torch is loaded with this module.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from guyot.seeds import generator
from resources.navigation.losses import advantages, clipped_loss, entropy, imitation_loss
from resources.navigation.network import PolicyNetwork
from resources.navigation.policy_settings import PolicySettings
from resources.navigation.rollouts import Rollout

_ADAM_EPSILON = 1e-5


def new_optimizer(network: PolicyNetwork) -> torch.optim.Adam:
    """Build Adam, whose learning rate each update sets."""
    return torch.optim.Adam(network.parameters(), eps=_ADAM_EPSILON, fused=True)


def sharpen(network: PolicyNetwork, factor: float) -> None:
    """Multiply the logits of a network by a factor, in place: above 1 likelier actions become likelier.

    Imitation of a set of best actions leaves a policy softer than is good for it.
    """
    with torch.no_grad():
        network.policy.weight.mul_(factor)
        network.policy.bias.mul_(factor)


def update_network(
    network: PolicyNetwork,
    optimizer: torch.optim.Optimizer,
    rollout: Rollout,
    settings: PolicySettings,
    update: int,
) -> float:
    """Improve a network by one rollout, over all of which it passes several times; return the mean loss.

    Parameters
    ----------
    rollout : of `settings.n_agents` agents; with a teacher's sets where the update imitates
    update : 0 to settings.n_updates - 1: decides the kind, the rates, and which agents make up a minibatch

    Notes
    -----
    Each minibatch has all steps of some agents, from the states that they had before the first: gradients
    flow through time as far as the rollout reaches.
    """
    for group in optimizer.param_groups:
        group["lr"] = settings.learning_rate(update)
    estimated = advantages(
        rollout.rewards,
        rollout.values,
        rollout.ends,
        rollout.stopped,
        rollout.last_values,
        settings.discount,
        settings.trace_decay,
    )
    imitates = settings.imitates(update)
    action_loss = _imitating(rollout) if imitates else _rewarded(rollout, estimated, settings, update)
    targets = estimated + rollout.values
    losses: list[float] = []
    for one_pass in range(settings.imitation_passes if imitates else settings.reward_passes):
        order = generator(settings.seed, "minibatches", update, one_pass).permutation(settings.n_agents)
        for agents in order.reshape(-1, settings.minibatch_agents):
            rows = torch.from_numpy(np.sort(agents)).to(rollout.state.device)
            given = None if rollout.given is None else rollout.given[:, rows]
            logits, values, _ = network(
                rollout.observed[:, rows], rollout.state[rows], rollout.keep[:, rows], given
            )
            loss = action_loss(logits, rows)
            loss = loss + settings.value_weight * (values - targets[:, rows]).square().mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), settings.max_gradient_norm)
            optimizer.step()
            losses.append(float(loss.item()))
    return sum(losses) / len(losses)


def _imitating(rollout: Rollout) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the loss of some agents' logits against the teacher's sets."""
    is_best = rollout.is_best
    if is_best is None:
        raise ValueError("an update that imitates was given a rollout without a teacher; act with one")
    return lambda logits, rows: imitation_loss(logits, is_best[:, rows])


def _rewarded(
    rollout: Rollout, estimated: Tensor, settings: PolicySettings, update: int
) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the loss of some agents' logits, from what their actions earned."""
    entropy_weight = settings.entropy_weight(update)

    def loss(logits: Tensor, rows: Tensor) -> Tensor:
        surrogate = clipped_loss(
            logits,
            rollout.actions[:, rows],
            rollout.log_probabilities[:, rows],
            estimated[:, rows],
            settings.clip,
        )
        return surrogate - entropy_weight * entropy(logits)

    return loss

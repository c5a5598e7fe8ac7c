"""Updates: imitation makes a network do what the teacher says, reward what pays."""

import dataclasses

import pytest
import torch

from guyot.seeds import generator
from resources.navigation.losses import imitation_loss
from resources.navigation.network import N_UNITS, PolicyNetwork, new_network
from resources.navigation.policy_settings import PolicySettings
from resources.navigation.rollouts import Finished, Rollout
from resources.navigation.updates import new_optimizer, sharpen, update_network

SETTINGS = PolicySettings(
    n_agents=8, rollout_steps=10, minibatch_agents=4, imitation_steps=80 * 40, reward_steps=80 * 40
)
T, N = SETTINGS.rollout_steps, SETTINGS.n_agents


def rollout_of(network: PolicyNetwork, teaches: bool, rewarded: int = 1) -> Rollout:
    """Act once; action `rewarded` earns 1, and the teacher's is 2 where the agent is east of its start, else 0."""
    stream = generator(0, "observed")
    observed = torch.from_numpy(stream.normal(size=(T, N, 12))).float()
    state, keep = torch.zeros(N, N_UNITS), torch.ones(T, N)
    actions = torch.from_numpy(stream.integers(3, size=(T, N)))
    with torch.no_grad():
        logits, values, _ = network(observed, state, keep)
    chosen = logits.log_softmax(-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    best = torch.where(observed[..., 2] > 0, 2, 0)
    return Rollout(
        observed, state, keep, None, actions, chosen, values,
        (actions == rewarded).float(), torch.ones(T, N, dtype=torch.bool), torch.zeros(T, N, dtype=torch.bool), torch.zeros(N),
        torch.nn.functional.one_hot(best, 3).bool() if teaches else None, Finished(0, 0.0, 0.0),
    )  # fmt: skip


def logits_of(network: PolicyNetwork, rollout: Rollout) -> torch.Tensor:
    with torch.no_grad():
        return network(rollout.observed, rollout.state, rollout.keep)[0]


@pytest.mark.parametrize("memory", ["gru", "none"])
def test_imitation_does_what_the_teacher_says(memory: str) -> None:
    network = new_network(memory, 0)
    optimizer, rollout = new_optimizer(network), rollout_of(network, teaches=True)
    losses = [update_network(network, optimizer, rollout, SETTINGS, update) for update in range(40)]
    assert losses[-1] < losses[0] / 4
    assert rollout.is_best is not None
    agreed = logits_of(network, rollout).argmax(-1) == rollout.is_best.float().argmax(-1)
    assert agreed.float().mean() > 0.95


def test_reward_makes_what_pays_likelier_and_what_does_not_less_likely() -> None:
    network = new_network("gru", 0)
    optimizer = new_optimizer(network)
    before = logits_of(network, rollout_of(network, False)).softmax(-1)[..., 1].mean()
    for update in range(40, 60):
        update_network(network, optimizer, rollout_of(network, teaches=False), SETTINGS, update)
    after = logits_of(network, rollout_of(network, False)).softmax(-1)[..., 1].mean()
    assert before < 0.4
    assert after > 0.6


def test_values_are_learned_beside() -> None:
    network = new_network("gru", 0)
    optimizer = new_optimizer(network)
    # what was expected then is part of an advantage, and no part of what values become
    rollout = rollout_of(network, teaches=False)._replace(values=torch.full((T, N), 3.0))
    weighty = dataclasses.replace(SETTINGS, value_weight=10.0)

    def error() -> float:
        with torch.no_grad():
            values = network(rollout.observed, rollout.state, rollout.keep)[1]
        return float((values - rollout.rewards).square().mean())

    first = error()
    for update in range(40, 80):
        update_network(network, optimizer, rollout, weighty, update)
    assert error() < first / 2


def test_an_update_has_the_rate_of_its_place() -> None:
    network = new_network("none", 0)
    optimizer, rollout = new_optimizer(network), rollout_of(network, teaches=True)
    for update in (0, 39, 40, 79):
        update_network(network, optimizer, rollout, SETTINGS, update)
        assert optimizer.param_groups[0]["lr"] == SETTINGS.learning_rate(update)


def test_the_same_update_gives_the_same_weights_and_another_pairs_other_agents() -> None:
    def weights(seed: int) -> torch.Tensor:
        network = new_network("gru", 0)
        settings = dataclasses.replace(SETTINGS, seed=seed)
        update_network(network, new_optimizer(network), rollout_of(network, True), settings, 0)
        return torch.nn.utils.parameters_to_vector(network.parameters()).detach()

    assert torch.equal(weights(0), weights(0))
    assert not torch.equal(weights(0), weights(1))


def test_states_before_a_rollout_count() -> None:
    rollout = rollout_of(new_network("gru", 0), teaches=True)
    losses = []
    for state in (rollout.state, torch.ones_like(rollout.state)):
        network = new_network("gru", 0)
        losses.append(
            update_network(network, new_optimizer(network), rollout._replace(state=state), SETTINGS, 0)
        )
    assert losses[0] != losses[1]


def test_each_agents_episode_begins_with_the_memory_given_to_it() -> None:
    """The loss of the first minibatch is that of the network, told what each agent began with."""
    network = new_network("gru", 0)
    sharpen(network, 30)
    rollout = rollout_of(network, teaches=True)
    keep, given = rollout.keep.clone(), torch.zeros(T, N, N_UNITS)
    keep[T // 2] = 0
    given[T // 2] = torch.from_numpy(generator(0, "given").normal(size=(N, N_UNITS))).float()
    begun = rollout._replace(keep=keep, given=given)
    once = dataclasses.replace(SETTINGS, minibatch_agents=N, imitation_passes=1, value_weight=0.0)
    with torch.no_grad():
        logits, _, _ = network(begun.observed, begun.state, keep, given)
        shuffled, _, _ = network(begun.observed, begun.state, keep, given.flip(1))
    assert begun.is_best is not None
    expected, other = (float(imitation_loss(one, begun.is_best)) for one in (logits, shuffled))
    assert abs(expected - other) > 1e-3
    found = update_network(network, new_optimizer(network), begun, once, 0)
    assert found == pytest.approx(expected, abs=1e-5)


def test_sharpening_multiplies_logits() -> None:
    network = new_network("gru", 0)
    rollout = rollout_of(network, teaches=False)
    torch.nn.init.constant_(network.policy.bias[:1], 0.5)
    before = logits_of(network, rollout)
    sharpen(network, 2.0)
    assert torch.allclose(logits_of(network, rollout), 2 * before)


def test_imitation_asks_for_a_teacher() -> None:
    network = new_network("none", 0)
    with pytest.raises(ValueError, match="without a teacher"):
        update_network(network, new_optimizer(network), rollout_of(network, False), SETTINGS, 0)

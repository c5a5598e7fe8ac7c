"""Rollouts: what was done, by whom it was valued, and episodes that end inside."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from guyot.navigation.environment import MazeEnvironment
from guyot.navigation.mazes import mazes
from guyot.navigation.tasks import tasks
from guyot.seeds import generator
from resources.navigation.network import new_network
from resources.navigation.policy_settings import MEMORIES
from resources.navigation.rollouts import Agents, sampled

N_AGENTS, N_STEPS = 8, 60
WALLS = mazes(0, 5, size=7)


def environment(max_steps: int = 20) -> MazeEnvironment:
    drawn = tasks(0, WALLS, 40, min_geodesic=1, max_geodesic=6)
    return MazeEnvironment(WALLS, drawn, N_AGENTS, max_steps=max_steps)


def agents(memory: str = "gru") -> Agents:
    return Agents(new_network(memory, 0), environment())


def draws(number: int = 0) -> NDArray[np.float32]:
    return generator(0, "draws", number).random((N_STEPS, N_AGENTS), np.float32)


def test_a_number_falls_on_one_of_the_probabilities_laid_end_to_end() -> None:
    probabilities = torch.tensor([[0.25, 0.5, 0.25]]).expand(6, 3)
    drawn = torch.tensor([0.0, 0.2499, 0.25, 0.7499, 0.75, 0.9999])
    assert sampled(probabilities, drawn).tolist() == [0, 0, 1, 1, 2, 2]
    short_of_1 = torch.tensor([[0.3, 0.3, 0.3999]])
    assert sampled(short_of_1, torch.tensor([0.99999994])).tolist() == [2]


@pytest.mark.parametrize("memory", MEMORIES)
def test_a_rollout_is_what_the_network_makes_of_it_in_one_sequence(memory: str) -> None:
    acting = agents(memory)
    acting.act(draws(0))
    rollout = acting.act(draws(1))
    assert 0 < rollout.ends.sum() < rollout.ends.numel()
    with torch.no_grad():
        logits, values, _ = acting.network(rollout.observed, rollout.state, rollout.keep)
    chosen = logits.log_softmax(-1).gather(-1, rollout.actions.unsqueeze(-1)).squeeze(-1)
    assert torch.allclose(values, rollout.values, atol=1e-5)
    assert torch.allclose(chosen, rollout.log_probabilities, atol=1e-5)
    expected = sampled(logits.softmax(-1).reshape(-1, 3), torch.from_numpy(draws(1)).reshape(-1))
    assert torch.equal(expected, rollout.actions.reshape(-1))


def test_each_episode_begins_with_the_memory_of_its_task() -> None:
    memories = generator(0, "memories").normal(size=(40, 128)).astype(np.float32)
    acting = Agents(new_network("gru", 0), environment(), memories)
    acting.act(draws(0))
    before, rollout = acting.environment.state, acting.act(draws(1))
    assert rollout.given is not None
    replayed = environment()
    replayed.restore(before)
    for t in range(N_STEPS):
        expected = memories[replayed.task] * (1 - rollout.keep[t].numpy())[:, None]
        np.testing.assert_array_equal(rollout.given[t].numpy(), expected)
        replayed.step(rollout.actions[t].numpy())
    with torch.no_grad():
        _, values, _ = acting.network(rollout.observed, rollout.state, rollout.keep, rollout.given)
        _, without, _ = acting.network(rollout.observed, rollout.state, rollout.keep)
    assert torch.allclose(values, rollout.values, atol=1e-5)
    assert not torch.allclose(without, rollout.values, atol=1e-3)


def test_what_happened_is_what_the_environment_does_with_these_actions() -> None:
    rollout = agents().act(draws())
    replayed = environment()
    seen, began = replayed.reset(), np.ones(N_AGENTS, bool)
    finished: list[tuple[float, float]] = []
    for t in range(N_STEPS):
        assert np.array_equal(rollout.observed[t].numpy(), seen)
        assert np.array_equal(rollout.keep[t].numpy(), 1 - began)
        step = replayed.step(rollout.actions[t].numpy())
        assert np.array_equal(rollout.rewards[t].numpy(), step.rewards)
        assert np.array_equal(rollout.ends[t].numpy(), step.done)
        assert np.array_equal(rollout.stopped[t].numpy(), step.done & ~step.success)
        for i in np.flatnonzero(step.done):
            shortest = replayed.tasks.geodesic[step.task[i]]
            finished.append((step.success[i], step.success[i] * shortest / max(step.moves[i], shortest)))
        seen, began = step.observations, step.done
    success, spl = np.mean(finished, axis=0)
    assert rollout.finished.n == len(finished) > 10
    assert (rollout.finished.success, rollout.finished.spl) == pytest.approx((success, spl))
    assert 0 < rollout.finished.spl < rollout.finished.success < 1


def test_rollouts_follow_on_one_another() -> None:
    acting = agents()
    first, second = acting.act(draws(0)), acting.act(draws(1))
    assert torch.allclose(first.last_values, second.values[0], atol=1e-6)
    assert not torch.equal(second.state, torch.zeros_like(second.state))
    assert torch.equal(second.keep[0] == 0, first.ends[-1])


def test_restored_agents_go_on_as_the_others_do() -> None:
    acting, other = agents(), agents()
    acting.act(draws(0))
    arrays = {name: values.copy() for name, values in acting.arrays().items()}
    expected = acting.act(draws(1))
    other.restore(arrays)
    found = other.act(draws(1))
    for one, two in zip(expected, found, strict=True):
        assert torch.equal(one, two) if isinstance(one, torch.Tensor) else one == two


class Recorder:
    """A teacher that keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[NDArray[np.generic], ...]] = []

    def best_actions(self, *asked: NDArray[np.generic]) -> NDArray[np.bool_]:
        best = np.zeros((N_AGENTS, 3), bool)
        best[:, len(self.asked) % 3] = True
        self.asked.append(asked)
        return best


def test_a_teacher_is_asked_before_each_action_and_does_not_act() -> None:
    teacher = Recorder()
    rollout, alone = agents().act(draws(), teacher), agents().act(draws())
    replayed = environment()
    for actions, (poses, goals, bumped, restarted) in zip(
        rollout.actions.numpy(), teacher.asked, strict=True
    ):
        assert np.array_equal(poses, replayed.poses)
        assert np.array_equal(goals, replayed.goals)
        assert np.array_equal(bumped, replayed.bumped)
        assert np.array_equal(restarted, replayed.restarted)
        replayed.step(actions)
    assert rollout.is_best is not None
    assert rollout.is_best.float().argmax(-1)[:, 0].tolist() == [t % 3 for t in range(N_STEPS)]
    assert alone.is_best is None
    assert torch.equal(rollout.actions, alone.actions)


def test_no_episode_ends_in_a_short_rollout() -> None:
    rollout = Agents(new_network("gru", 0), environment(max_steps=100)).act(draws()[:1])
    assert rollout.finished.n in (0, int(rollout.ends.sum()))

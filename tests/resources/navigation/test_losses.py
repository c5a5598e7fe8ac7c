"""What policies are trained by: worked out by hand, and against the sums that the papers write."""

import doctest
import math

import numpy as np
import pytest
import torch

from guyot.seeds import generator
from resources.navigation import losses
from resources.navigation.losses import advantages, clipped_loss, entropy, imitation_loss


def test_the_examples_are_as_they_say() -> None:
    assert doctest.testmod(losses).failed == 0
    assert doctest.testmod(losses).attempted > 5


def test_advantages_are_the_sum_of_surprises_up_to_the_end_of_the_episode() -> None:
    stream = generator(0, "advantages")
    rewards, values = stream.normal(size=(2, 12, 5))
    ends, last = stream.random((12, 5)) < 0.2, stream.normal(size=5)
    stopped = ends & (stream.random((12, 5)) < 0.5)
    assert 0 < stopped.sum() < ends.sum()
    discount, decay = 0.9, 0.7
    found = advantages(
        *map(torch.from_numpy, (rewards, values, ends, stopped, last)), discount, decay
    ).numpy()
    after = np.vstack([values[1:], last])
    for t in range(12):
        for i in range(5):
            expected, weight = 0.0, 1.0
            for s in range(t, 12):
                following = values[s, i] if stopped[s, i] else 0.0 if ends[s, i] else after[s, i]
                expected += weight * (rewards[s, i] + discount * following - values[s, i])
                weight *= discount * decay
                if ends[s, i]:
                    break
            assert found[t, i] == pytest.approx(expected, abs=1e-12)


def test_with_lambda_1_an_advantage_and_the_value_are_the_discounted_return() -> None:
    rewards = torch.tensor([[1.0], [2.0], [4.0], [8.0]])
    values, ends = (
        torch.tensor([[3.0], [1.0], [5.0], [2.0]]),
        torch.tensor([[False], [True], [False], [False]]),
    )
    at_goal = torch.zeros_like(ends)
    found = advantages(rewards, values, ends, at_goal, torch.tensor([16.0]), 0.5, 1.0) + values
    assert found.flatten().tolist() == [1 + 0.5 * 2, 2, 4 + 0.5 * 8 + 0.25 * 16, 8 + 0.5 * 16]


def test_imitation_counts_the_probability_of_the_whole_set() -> None:
    logits = torch.tensor([[0.0, 0.0, math.log(2)], [1.0, 1.0, 1.0]])
    one = torch.tensor([[False, False, True], [True, False, False]])
    assert imitation_loss(logits, one).item() == pytest.approx(-(math.log(0.5) + math.log(1 / 3)) / 2)
    two = torch.tensor([[True, False, True], [True, True, True]])
    assert imitation_loss(logits, two).item() == pytest.approx(-math.log(0.75) / 2)
    logits = torch.from_numpy(generator(0, "logits").normal(size=(7, 3)))
    single = torch.nn.functional.one_hot(torch.arange(7) % 3, 3).bool()
    expected = torch.nn.functional.cross_entropy(logits, torch.arange(7) % 3)
    assert imitation_loss(logits, single).item() == pytest.approx(expected.item())


def test_imitation_pulls_to_the_set_and_leaves_the_choice_within_it() -> None:
    logits = torch.tensor([[0.3, -0.2, 0.5]], requires_grad=True)
    imitation_loss(logits, torch.tensor([[True, True, False]])).backward()
    assert logits.grad is not None
    (first, second, third) = logits.grad[0].tolist()
    assert first < 0
    assert second < 0
    assert third > 0
    assert first / second == pytest.approx(math.exp(0.3 + 0.2), rel=1e-5)  # in proportion: ratios stay


def test_the_clipped_loss_is_the_one_that_the_paper_writes() -> None:
    stream = generator(0, "clipped")
    logits, actions = stream.normal(size=(40, 3)), stream.integers(3, size=40)
    before, advantage = np.log(stream.uniform(0.2, 0.5, 40)), stream.normal(size=40)
    found = clipped_loss(
        *(torch.from_numpy(x) for x in (logits, actions, before, advantage)), clip=0.2
    ).item()
    scaled = (advantage - advantage.mean()) / advantage.std(ddof=1)
    expected = 0.0
    for i in range(40):
        now = math.exp(logits[i, actions[i]]) / sum(math.exp(one) for one in logits[i])
        ratio = now / math.exp(before[i])
        expected -= min(ratio * scaled[i], min(max(ratio, 0.8), 1.2) * scaled[i]) / 40
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "probability, advantage, moves", [(0.6, 1.0, False), (0.3, 1.0, True), (0.6, -1.0, True)]
)
def test_a_ratio_beyond_the_clip_is_pulled_back_only(
    probability: float, advantage: float, moves: bool
) -> None:
    rest = (1 - probability) / 2
    logits = torch.tensor([[probability, rest, rest], [1 / 3, 1 / 3, 1 / 3]]).log().requires_grad_()
    before = torch.tensor([1 / 3, 1 / 3]).log()
    clipped_loss(logits, torch.tensor([0, 0]), before, torch.tensor([advantage, -advantage]), 0.2).backward()
    assert logits.grad is not None
    assert (logits.grad[0].abs().sum().item() > 1e-6) == moves


def test_equal_advantages_say_nothing() -> None:
    loss = clipped_loss(
        torch.zeros(4, 3), torch.zeros(4, dtype=torch.int64), torch.zeros(4), torch.ones(4), 0.2
    )
    assert loss.item() == 0


def test_entropy_is_of_the_distribution() -> None:
    halves = torch.tensor([0.5, 0.5, 1e-30]).log()
    certain = torch.tensor([50.0, 0.0, 0.0])
    assert entropy(torch.stack([halves, certain])).item() == pytest.approx(math.log(2) / 2, rel=1e-5)

"""Clones do what was done, the same seed gives the same ones, and empty steps count nothing."""

import numpy as np
import pytest
import torch
from support.episodes import maze, walk_at_random

from guyot.errors import SettingError
from guyot.navigation.observations import walk_observations
from guyot.navigation.walks import Walk, poses
from resources.navigation import cloning
from resources.navigation.cloning import clone_walks
from resources.navigation.policies import Policy

WALKS = [walk_at_random(maze(n), n, 0) for n in range(12)]


def said(policy: Policy, walk: Walk) -> np.ndarray:
    """Return the likeliest action before each one of a walk."""
    observed = torch.from_numpy(walk_observations(poses(walk), walk.actions, walk.goal)[:-1, None].copy())
    with torch.no_grad():
        logits, _, _ = policy.network(observed, torch.zeros(1, 128), torch.ones(observed.shape[:2]))
    return logits[:, 0].argmax(dim=1).numpy()


def agreement(policy: Policy, walks: list[Walk]) -> float:
    return float(np.mean(np.concatenate([said(policy, walk) == walk.actions for walk in walks])))


def test_what_was_done_is_learnt_by_heart_with_a_memory() -> None:
    few = WALKS[:3]
    assert agreement(clone_walks(few, updates=250, seed=0), few) > 0.95
    assert agreement(clone_walks(few, updates=1, seed=0), few) < 0.8


def test_the_same_seed_gives_the_same_weights() -> None:
    one, same, other = (clone_walks(WALKS, updates=4, seed=seed) for seed in (0, 0, 1))
    weights = [clone.network.state_dict() for clone in (one, same, other)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert not torch.equal(weights[0]["policy.weight"], weights[2]["policy.weight"])


def test_steps_behind_a_walks_end_count_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside a long walk a short one has empty steps; whatever stands there, the weights are the same."""
    short, long = sorted(WALKS, key=lambda walk: len(walk.actions))[:: len(WALKS) - 1]
    plain = clone_walks([short, long], updates=3, seed=0)
    original = cloning._side_by_side

    def other(walks: list[Walk]) -> tuple[np.ndarray, ...]:
        observed, actions, is_step = original(walks)
        observed[~is_step], actions[~is_step] = 7.0, 2
        return observed, actions, is_step

    monkeypatch.setattr(cloning, "_side_by_side", other)
    found = clone_walks([short, long], updates=3, seed=0)
    for name, tensor in plain.network.state_dict().items():
        assert torch.allclose(tensor, found.network.state_dict()[name], atol=1e-6)


@pytest.mark.parametrize("n", [1, 63, 64, 65, 300])
def test_every_walk_is_had_before_any_is_had_again(n: int) -> None:
    walks = [WALKS[number % len(WALKS)] for number in range(n)]
    per_pass = -(-n // 64)
    rows = list(cloning._batches(walks, 2 * per_pass, 0))
    for part in (rows[:per_pass], rows[per_pass:]):
        assert sorted(np.concatenate(part).tolist()) == list(range(n))
    if n > 64:
        assert [one.tolist() for one in rows[:per_pass]] != [one.tolist() for one in rows[per_pass:]]


def test_of_nothing_nothing_is_learnt() -> None:
    with pytest.raises(SettingError, match="0 walks"):
        clone_walks([], updates=1, seed=0)

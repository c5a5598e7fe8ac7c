"""The optimizer: what decays, and how the learning rate goes."""

import pytest
import torch

from resources.models.optimizer import learning_rate_share, new_optimizer


def test_the_learning_rate_rises_once_and_falls_to_zero() -> None:
    shares = [learning_rate_share(step, 100) for step in range(100)]
    assert shares[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1])
    assert all(a >= b for a, b in zip(shares[5:], shares[6:], strict=False))
    assert shares[-1] < 1e-3
    assert learning_rate_share(0, 1) == 1


def test_matrices_decay_and_gains_do_not() -> None:
    matrices, gains = new_optimizer(torch.nn.Linear(3, 2), 0.1).param_groups
    assert [list(p.shape) for p in matrices["params"]] == [[2, 3]]
    assert [list(p.shape) for p in gains["params"]] == [[2]]
    assert (matrices["weight_decay"], gains["weight_decay"]) == (0.1, 0.0)

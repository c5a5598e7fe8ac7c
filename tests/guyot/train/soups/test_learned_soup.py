"""Learned soups: the shares that a loss asks for, by layer too, and the same each time."""

import numpy as np
import pytest

from guyot.errors import ArrayError, EvaluationError
from guyot.train.soups import average, layer_of, learned

MODELS = [
    {"layers.0.w": np.array([[0.0]]), "layers.1.w": np.array([[0.0]]), "n": np.array([1])},
    {"layers.0.w": np.array([[1.0]]), "layers.1.w": np.array([[1.0]]), "n": np.array([1])},
]


def apart(weights, batch):
    """Ask for 0.9 of the second model in one layer, and 0.2 in the other."""
    return (weights["layers.0.w"] - 0.9).square().sum() + (weights["layers.1.w"] - 0.2).square().sum()


def test_shares_of_the_whole_are_a_compromise_and_shares_of_layers_are_none() -> None:
    whole = learned(MODELS, apart, 1, epochs=150)
    assert list(whole.shares) == ["all"]
    assert whole.shares["all"][1] == pytest.approx(0.55, abs=0.02)
    layers = learned(MODELS, apart, 1, per_layer=True, epochs=150)
    assert sorted(layers.shares) == ["layers.0", "layers.1"]
    assert layers.shares["layers.0"][1] == pytest.approx(0.9, abs=0.03)
    assert layers.shares["layers.1"][1] == pytest.approx(0.2, abs=0.03)
    assert layers.losses[-1] < whole.losses[-1]
    assert layers.weights["n"].tolist() == [1]
    for soup in (whole, layers):
        assert all(shares.sum() == pytest.approx(1) for shares in soup.shares.values())
        for name in ("layers.0.w", "layers.1.w"):
            shares = soup.shares.get(layer_of(name), soup.shares.get("all"))
            assert soup.weights[name] == pytest.approx(average(MODELS, shares.tolist())[name])


def test_it_begins_as_the_uniform_soup_and_repeats_itself() -> None:
    first, again = (learned(MODELS, apart, 1, epochs=9) for _ in range(2))
    assert first.losses[0] == pytest.approx(0.4**2 + 0.3**2)
    assert first.losses == again.losses
    assert first.shares["all"].tobytes() == again.shares["all"].tobytes()


def test_batches_are_read_in_order_as_often_as_there_are_epochs() -> None:
    asked: list[int] = []

    def loss(weights, batch):
        asked.append(batch)
        return apart(weights, batch)

    soup = learned(MODELS, loss, 3, epochs=2)
    assert asked == [0, 1, 2, 0, 1, 2]
    assert len(soup.losses) == 6


def test_a_loss_that_is_not_finite_and_nothing_to_learn_from_are_errors() -> None:
    with pytest.raises(EvaluationError, match="held-out loss is nan at update 0 of a learned soup"):
        learned(MODELS, lambda weights, batch: weights["layers.0.w"].sum() * float("nan"), 1)
    with pytest.raises(ArrayError, match="n_batches=0 and epochs=5"):
        learned(MODELS, apart, 0)

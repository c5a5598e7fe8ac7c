"""The loss that shares are learned by is the evaluator's, and an ensemble is a mean of probabilities."""

import numpy as np
import pytest
import torch
from safetensors.numpy import load

from resources.models import language_model
from resources.models.evaluator import evaluate
from resources.models.soup_losses import ensemble_nats, mixture_loss

SHAPE = {
    "vocab_size": 40, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
    "num_key_value_heads": 2, "max_position_embeddings": 8, "initializer_range": 0.2,
}  # fmt: skip
CONFIG = {"model": SHAPE, "window_tokens": 8}
DRAW = np.random.default_rng(0)
DOCUMENTS = [np.concatenate([[0], DRAW.integers(2, 40, n)]).astype(np.int32) for n in (3, 20, 9, 30)]


def model(seed: int) -> bytes:
    return language_model.weights_of(language_model.new_model(SHAPE, seed))


def tensors(content: bytes) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(array.copy()).requires_grad_() for name, array in load(content).items()}


def test_the_loss_is_of_the_given_weights_and_has_gradients() -> None:
    loss, n_batches = mixture_loss(model(0), CONFIG, DOCUMENTS)
    assert n_batches == 2
    n_targets = sum(len(document) - 1 for document in DOCUMENTS)
    for seed in (0, 1):
        nats = evaluate(model(seed), CONFIG, DOCUMENTS)
        given = tensors(model(seed))
        found = [loss(given, number) for number in range(n_batches)]
        means = [float(one.detach()) for one in found]
        assert min(means) <= nats.sum() / n_targets <= max(means)
        found[0].backward()
        assert all(tensor.grad is not None for tensor in given.values())
        assert float(given["model.embed_tokens.weight"].grad.abs().sum()) > 0
    one_batch, count = mixture_loss(model(0), CONFIG, DOCUMENTS[:2])
    assert count == 1
    with torch.no_grad():
        mean = float(one_batch(tensors(model(1)), 0))
    assert mean == pytest.approx(evaluate(model(1), CONFIG, DOCUMENTS[:2]).sum() / 23, rel=1e-5)


def test_an_ensemble_of_one_is_that_model_and_of_two_is_between() -> None:
    alone = [evaluate(model(seed), CONFIG, DOCUMENTS) for seed in (0, 1)]
    assert ensemble_nats([model(0)], CONFIG, DOCUMENTS) == pytest.approx(alone[0], rel=1e-6)
    both = ensemble_nats([model(0), model(1)], CONFIG, DOCUMENTS)
    assert (both <= (alone[0] + alone[1]) / 2 + 1e-9).all()  # the logarithm is concave
    assert not np.allclose(both, alone[0])


def test_an_ensemble_by_hand() -> None:
    document = [np.array([0, 5, 9], np.int32)]
    probabilities = []
    for seed in (0, 1):
        net = language_model.load_model(SHAPE, model(seed)).eval()
        with torch.no_grad():
            logits = net(input_ids=torch.tensor([[0, 5, 9]])).logits[0]
        rows = torch.softmax(logits, dim=1)
        probabilities.append([float(rows[0, 5]), float(rows[1, 9])])
    wanted = -np.log(np.mean(probabilities, axis=0)).sum()
    assert ensemble_nats([model(0), model(1)], CONFIG, document)[0] == pytest.approx(wanted, rel=1e-5)

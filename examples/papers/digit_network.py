"""A small network of two hidden layers that reads digits: its weights are named arrays."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from guyot.seeds import generator
from guyot.train.soups import Weights

WIDTHS = (64, 96, 96, 10)
BATCH = 50


@dataclass(frozen=True)
class Part:
    """Digits: images float32[n, 64], and their numbers int64[n]."""

    images: NDArray[np.float32]
    labels: NDArray[np.int64]


def random_weights(seed: int, number: int) -> Weights:
    """Draw a network's weights (He et al. 2015)."""
    draw = generator(seed, "init", number)
    weights: Weights = {}
    for layer, (fan_in, fan_out) in enumerate(zip(WIDTHS[:-1], WIDTHS[1:], strict=True)):
        spread = (2 / fan_in) ** 0.5
        weights[f"layers.{layer}.weight"] = draw.normal(0, spread, (fan_out, fan_in)).astype(np.float32)
        weights[f"layers.{layer}.bias"] = np.zeros(fan_out, np.float32)
    return weights


def logits(weights: dict[str, torch.Tensor], images: torch.Tensor) -> torch.Tensor:
    """Run the network."""
    n_layers = len(WIDTHS) - 1
    for layer in range(n_layers):
        images = images @ weights[f"layers.{layer}.weight"].T + weights[f"layers.{layer}.bias"]
        images = torch.relu(images) if layer < n_layers - 1 else images
    return images


def trained(
    begin: Weights, part: Part, epochs: int, learning_rate: float, labels: tuple[int, ...]
) -> Weights:
    """Train on nine tenths of a part, drawn by the labels, with Adam in an order drawn by them too."""
    draw = generator(labels[0], "training", *labels[1:])
    rows = draw.permutation(len(part.labels))[: len(part.labels) * 9 // 10]
    images, numbers = torch.from_numpy(part.images), torch.from_numpy(part.labels)
    weights = {name: torch.from_numpy(array.copy()).requires_grad_() for name, array in begin.items()}
    optimizer = torch.optim.Adam(list(weights.values()), lr=learning_rate, fused=True)
    for _ in range(epochs):
        for batch in np.array_split(draw.permutation(rows), -(-len(rows) // BATCH)):
            chosen = torch.from_numpy(batch)
            loss = torch.nn.functional.cross_entropy(logits(weights, images[chosen]), numbers[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return {name: tensor.detach().numpy() for name, tensor in weights.items()}


def outputs(weights: Weights, part: Part) -> torch.Tensor:
    """Run the network on a part."""
    tensors = {name: torch.from_numpy(array) for name, array in weights.items()}
    with torch.inference_mode():
        return logits(tensors, torch.from_numpy(part.images))


def accuracy_of(weights: Weights, part: Part) -> float:
    """Count what is read right."""
    return float((outputs(weights, part).argmax(1).numpy() == part.labels).mean())


def loss_of(weights: Weights, part: Part) -> float:
    """Compute the mean loss in nats."""
    return float(torch.nn.functional.cross_entropy(outputs(weights, part), torch.from_numpy(part.labels)))

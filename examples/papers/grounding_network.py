"""A small convolutional network that reads digits on a canvas, and ways to move digits on it."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from guyot.seeds import generator

SIDE, SHIFT, SMALL, LARGE = 16, 0.25, 0.7, 1.4  # pixels; share of the side; factors of the size
BATCH, LEARNING_RATE = 50, 2e-3
N_TRAINED = 1200
ARMS = ("none", "translation", "scale", "crop")  # by what a network's images are changed, anew in each epoch
Moves = NDArray[np.float32]  # [n, 3]: down and right, as shares of the side, and the factor of the size


@dataclass(frozen=True)
class Digits:
    """Digits in the middle of their canvas: float32[n, 1, 16, 16], 0 to 1, and their numbers, int64[n]."""

    images: torch.Tensor
    labels: torch.Tensor


def digits(seed: int) -> tuple[Digits, Digits]:
    """Split scikit-learn's digits at random: 1,200 to train on, 597 to test with."""
    from sklearn.datasets import load_digits

    found = load_digits()
    images = torch.zeros((len(found.target), 1, SIDE, SIDE))
    images[:, 0, 4:12, 4:12] = torch.from_numpy(found.images / 16).float()
    order = torch.from_numpy(generator(seed, "digits").permutation(len(images)))
    labels = torch.from_numpy(found.target).long()
    parts = order[:N_TRAINED], order[N_TRAINED:]
    return Digits(images[parts[0]], labels[parts[0]]), Digits(images[parts[1]], labels[parts[1]])


def moves(arm: str, n: int, draw: np.random.Generator) -> Moves:
    """Draw how n images are moved: none, by translation, by scale, or by both, as a random crop does."""
    found = np.zeros((n, 3), np.float32)
    found[:, 2] = 1
    if arm in ("translation", "crop"):
        found[:, :2] = draw.uniform(-SHIFT, SHIFT, (n, 2))
    if arm in ("scale", "crop"):
        found[:, 2] = np.exp(draw.uniform(np.log(SMALL), np.log(LARGE), n))
    return found


def moved(images: torch.Tensor, by: Moves) -> torch.Tensor:
    """Move images, bilinear, over an empty border."""
    down, right, size = (torch.from_numpy(column.copy()) for column in by.T)
    zero = torch.zeros_like(size)
    rows = [
        torch.stack([1 / size, zero, -2 * right / size], 1),
        torch.stack([zero, 1 / size, -2 * down / size], 1),
    ]
    grid = torch.nn.functional.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    return torch.nn.functional.grid_sample(images, grid, align_corners=False)


class DigitNetwork(torch.nn.Module):
    """Two convolutions, and an embedding of 64 numbers before the last layer."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.body = torch.nn.Sequential(
                torch.nn.Conv2d(1, 16, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
                torch.nn.Conv2d(16, 32, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
                torch.nn.Flatten(), torch.nn.Linear(512, 64), torch.nn.ReLU(),
            )  # fmt: skip
            self.head = torch.nn.Linear(64, 10)

    def embedded(self, images: torch.Tensor) -> NDArray[np.float64]:
        """Return float64[n, 64], of unit length."""
        with torch.inference_mode():
            rows = self.body(images).double().numpy()
        return rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-12)

    def accuracy(self, images: torch.Tensor, labels: torch.Tensor) -> float:
        """Count what is read right."""
        with torch.inference_mode():
            return float((self.head(self.body(images)).argmax(1) == labels).double().mean())


def trained(part: Digits, arm: str, epochs: int, seed: int, *, once: bool = False) -> DigitNetwork:
    """Train a network with an augmentation.

    Parameters
    ----------
    once : images are moved once, before the training: varied data, and no augmentation
    """
    network, draw = DigitNetwork(seed), generator(seed, "training", arm, int(once))
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    images = moved(part.images, moves(arm, len(part.images), draw)) if once else part.images
    for _ in range(epochs):
        for batch in np.array_split(draw.permutation(len(images)), len(images) // BATCH):
            rows = images[torch.from_numpy(batch)]
            if arm != "none" and not once:
                rows = moved(rows, moves(arm, len(batch), draw))
            loss = torch.nn.functional.cross_entropy(network.head(network.body(rows)), part.labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network

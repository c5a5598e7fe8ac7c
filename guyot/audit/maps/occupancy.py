"""Occupancy: can it be read from an agent's memory which cells around it are walls?

After Wijmans et al. 2023 (arXiv:2301.13261), section 4, which decodes a grid from the final memory by a small
network. Where we differ: the measure is the area under the ROC curve of each cell of the window by itself,
averaged, since which cell it is already tells most of whether it is a wall; and only cells that the agent can
know of are asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.audit.maps.windows import Windows
from guyot.seeds import generator
from guyot.stats import area_under_curve

MASKS = ("explored", "old", "near")
HIDDEN_UNITS, UPDATES, BATCH, LEARNING_RATE = 256, 940, 256, 1e-3
_UNKNOWN = (float("nan"), float("nan"))
MIN_OF_A_CLASS = 20  # test moments: of fewer an area says nothing


@dataclass(frozen=True)
class OccupancyReading:
    """How well walls are read among the cells of one mask.

    mean_area : mean over the window's cells of the area under the ROC curve; nan where no cell can be judged
    balanced_accuracy : of all cells together, at even odds
    cells : of the window that were judged
    n : cells of test moments
    """

    mean_area: float
    balanced_accuracy: float
    cells: int
    n: int


def occupancy(
    train_features: NDArray[np.float32],
    train: Windows,
    test_features: NDArray[np.float32],
    test: Windows,
    *,
    seed: int,
    updates: int = UPDATES,
) -> Mapping[str, OccupancyReading]:
    """Fit a network of one hidden layer to each mask's cells, and read those of other mazes.

    Parameters
    ----------
    train_features, test_features : float32[m, d], such as the states of a policy, a row for each moment
    train, test : the windows at these moments; of mazes that are not shared
    seed : of initial weights and batches
    updates : of the weights, of 256 moments each, however many moments there are

    Returns
    -------
    A reading by mask: `explored`, `old` and `near`; nan where there is nothing to fit to

    Notes
    -----
    Needs torch. One thread; repeatable on one machine. 16,000 moments of 128 numbers took 4 to 6 s a mask.
    """
    nothing = {mask: OccupancyReading(*_UNKNOWN, 0, int(getattr(test, mask).sum())) for mask in MASKS}
    found: dict[str, OccupancyReading] = {}
    for mask in MASKS:
        learnt = getattr(train, mask)
        answers = answers_of(train_features, train.is_wall, learnt, test_features, seed=seed, updates=updates)
        judged = getattr(test, mask)
        found[mask] = nothing[mask] if answers is None else reading(answers, test.is_wall, judged)
    return found


def answers_of(
    features: NDArray[np.float32],
    is_wall: NDArray[np.bool_],
    mask: NDArray[np.bool_],
    asked: NDArray[np.float32],
    *,
    seed: int,
    updates: int = UPDATES,
) -> NDArray[np.float32] | None:
    """Fit a network to the cells of a mask, both classes of the same weight in all, and let it read others.

    Parameters
    ----------
    features : float32[m, d], a row for each moment
    is_wall, mask : bool[m, c], the cells around the agent, and which of them are learnt from
    asked : float32[a, d]
    seed : of initial weights and batches
    updates : of the weights, of 256 moments each

    Returns
    -------
    float32[a, c], the logarithm of the odds that a cell is a wall; None where there is nothing to learn from:
    no moment, or cells that are all walls, or none
    """
    walls = int((is_wall & mask).sum())
    if walls in (0, int(mask.sum())):
        return None
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-6
    inputs = [((one - mean) / deviation).astype(np.float32) for one in (features, asked)]
    return _fitted(inputs[0], is_wall, mask, inputs[1], seed=seed, updates=updates)


def reading(
    answers: NDArray[np.float32], is_wall: NDArray[np.bool_], mask: NDArray[np.bool_]
) -> OccupancyReading:
    """Judge answers about the cells of a mask.

    Parameters
    ----------
    answers : float32[m, c], above 0 for a wall
    is_wall, mask : bool[m, c]

    Examples
    --------
    >>> answers = np.array([[1.0], [-1.0]] * 20, np.float32)
    >>> reading(answers, answers > 0, np.ones((40, 1), bool)).mean_area
    1.0
    """
    areas: list[float] = []
    for cell in range(mask.shape[1]):
        rows = mask[:, cell]
        truth = is_wall[rows, cell]
        if min(int(truth.sum()), int((~truth).sum())) >= MIN_OF_A_CLASS:
            areas.append(area_under_curve(answers[rows, cell], truth))
    said, truth = answers[mask] > 0, is_wall[mask]
    is_right = said == truth
    shares = [float(is_right[side].mean()) for side in (truth, ~truth) if side.any()]
    return OccupancyReading(
        float(np.mean(areas)) if areas else float("nan"),
        float(np.mean(shares)) if len(shares) == 2 else float("nan"),
        len(areas),
        int(mask.sum()),
    )


def _fitted(
    features: NDArray[np.float32],
    is_wall: NDArray[np.bool_],
    mask: NDArray[np.bool_],
    asked: NDArray[np.float32],
    *,
    seed: int,
    updates: int,
) -> NDArray[np.float32]:
    """Do what `answers_of` says, of features that are scaled and cells of both classes."""
    torch = _torch()
    rows = np.flatnonzero(mask.any(axis=1))
    walls = int((is_wall & mask).sum())
    free = int(mask.sum()) - walls
    stream = generator(seed, "occupancy-probe")
    layers = [_drawn(stream, features.shape[1], HIDDEN_UNITS), _drawn(stream, HIDDEN_UNITS, mask.shape[1])]
    weights = [torch.from_numpy(one).requires_grad_() for layer in layers for one in layer]
    optimizer = torch.optim.Adam(weights, lr=LEARNING_RATE)
    x = torch.from_numpy(features)
    y, chosen = torch.from_numpy(is_wall.astype(np.float32)), torch.from_numpy(mask.astype(np.float32))
    balance = torch.where(y > 0, mask.sum() / (2 * walls), mask.sum() / (2 * free)) * chosen

    def answer(rows_of: Any) -> Any:
        hidden = torch.relu(rows_of @ weights[0] + weights[1])
        return hidden @ weights[2] + weights[3]

    for part in _batches(rows, updates, stream):
        chosen_rows = torch.from_numpy(part)
        loss = (
            torch.nn.functional.binary_cross_entropy_with_logits(
                answer(x[chosen_rows]), y[chosen_rows], balance[chosen_rows], reduction="sum"
            )
            / balance[chosen_rows].sum()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return answer(torch.from_numpy(asked)).numpy()


def _batches(
    rows: NDArray[np.int64], updates: int, stream: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Yield rows in batches, in a new order each time that all were had."""
    left = rows[:0]
    for _ in range(updates):
        if not len(left):
            left = stream.permutation(rows)
        yield left[:BATCH]
        left = left[BATCH:]


def _torch() -> Any:
    """Return torch, loaded when it is used."""
    import torch

    return torch


def _drawn(stream: np.random.Generator, n_in: int, n_out: int) -> list[NDArray[np.float32]]:
    """Draw a layer's weights as He et al. 2015 do; biases are 0."""
    weights = stream.standard_normal((n_in, n_out)) * (2 / n_in) ** 0.5
    return [weights.astype(np.float32), np.zeros(n_out, np.float32)]

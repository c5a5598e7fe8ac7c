# pyright: standard
# (torch is typed in part)
"""Learned soups: the shares of the ingredients are fitted to held-out data, by gradients."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError, EvaluationError
from guyot.train.soups.averaging import Weights, average_tensor
from guyot.train.soups.ingredients import check_alike, is_float

if TYPE_CHECKING:
    import torch

GLOBAL = "all"
_NUMBERED = re.compile(r"^(.*?\.\d+)(?:\.|$)")
Loss = Callable[[dict[str, "torch.Tensor"], int], "torch.Tensor"]


@dataclass(frozen=True)
class LearnedSoup:
    """A learned soup.

    weights : named arrays, float32 where they are floats
    shares : by layer, float64[n], the ingredients' shares, whose sum is 1; one layer `all` where they
        are the same for all of the model
    losses : of every update, before it
    """

    weights: Weights
    shares: dict[str, NDArray[np.float64]]
    losses: tuple[float, ...]


def layer_of(tensor: str) -> str:
    """Name the layer of a tensor: up to the first number in its name, else all but its last part.

    Examples
    --------
    >>> layer_of("model.layers.3.mlp.up_proj.weight"), layer_of("model.embed_tokens.weight"), layer_of("w")
    ('model.layers.3', 'model.embed_tokens', 'w')
    """
    numbered = _NUMBERED.match(tensor)
    return numbered[1] if numbered else tensor.rpartition(".")[0] or tensor


def learned(
    ingredients: Sequence[Mapping[str, NDArray[Any]]],
    loss: Loss,
    n_batches: int,
    *,
    per_layer: bool = False,
    epochs: int = 5,
    learning_rate: float = 0.05,
) -> LearnedSoup:
    """Fit the shares of ingredients to held-out data: section 3 and appendix I of the paper; needs torch.

    The shares are the softmax of one free number for each ingredient (for each and each layer), which
    begin equal, as a uniform soup, and which AdamW without weight decay changes batch by batch.

    Parameters
    ----------
    ingredients : named arrays, float[...] of any width, of each model; of the same names and shapes
    loss : of (named tensors, number of a batch from 0), differentiable; the tensors are those of a mixture
    n_batches : batches of the held-out data
    per_layer : whether each layer (`layer_of`) has shares of its own
    epochs : how often every batch is read, in order
    learning_rate : of the free numbers; .05, as the paper has it

    Raises
    ------
    ArrayError : models that do not go together, or nothing to learn from.
    EvaluationError : a loss that is not finite.

    Notes
    -----
    epochs x n_batches updates, each a forward and a backward pass; the ingredients lie in memory once more
    in float32. Deterministic as `loss` is: nothing is drawn. The paper also learns a scale of the logits,
    which is no average of weights and is left out.

    Examples
    --------
    >>> models = [{"w": np.array([0.0])}, {"w": np.array([1.0])}]
    >>> soup = learned(models, lambda w, batch: (w["w"] - 0.8).square().sum(), 1, epochs=80)
    >>> round(float(soup.weights["w"][0]), 1), soup.losses[-1] < soup.losses[0]
    (0.8, True)
    """
    import torch

    check_alike(ingredients)
    if n_batches < 1 or epochs < 1:
        raise ArrayError(f"n_batches={n_batches} and epochs={epochs}; at least one of each is needed")
    floats = [name for name, array in ingredients[0].items() if is_float(array.dtype)]
    layers = {name: layer_of(name) if per_layer else GLOBAL for name in floats}
    stacked = {name: torch.from_numpy(np.stack([one[name].astype(np.float32) for one in ingredients]))
               for name in floats}  # fmt: skip
    free = {layer: torch.zeros(len(ingredients), requires_grad=True) for layer in layers.values()}
    optimizer = torch.optim.AdamW(list(free.values()), lr=learning_rate, weight_decay=0.0)
    losses: list[float] = []
    for update in range(epochs * n_batches):
        shares = {layer: torch.softmax(numbers, 0) for layer, numbers in free.items()}
        mixed = {name: torch.tensordot(shares[layers[name]], stacked[name], 1) for name in floats}
        found = loss(mixed, update % n_batches)
        losses.append(found.item())
        if not math.isfinite(losses[-1]):
            raise EvaluationError(
                f"the held-out loss is {losses[-1]} at update {update} of a learned soup; lower "
                f"learning_rate={learning_rate:g}, or leave out models whose training diverged"
            )
        optimizer.zero_grad()
        found.backward()
        optimizer.step()
    final = {layer: _softmax(numbers.detach().numpy()) for layer, numbers in free.items()}
    weights = {
        name: average_tensor([one[name] for one in ingredients], final[layers[name]].tolist())
        if name in layers
        else array.copy()
        for name, array in ingredients[0].items()
    }
    return LearnedSoup(weights, final, tuple(losses))


def _softmax(numbers: NDArray[Any]) -> NDArray[np.float64]:
    """Turn free numbers into shares."""
    powers = np.exp(numbers.astype(np.float64) - numbers.max())
    return powers / powers.sum()

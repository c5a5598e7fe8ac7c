"""What soups of language models are chosen by: a loss that shares are learned from, and the ensemble's."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from resources.models import language_model, reproducibility
from resources.models.evaluator import batches_by_length, own_windows

if TYPE_CHECKING:
    import torch


def mixture_loss(
    weights: bytes, config: dict[str, Any], documents: list[NDArray[np.int32]]
) -> tuple[Callable[[dict[str, "torch.Tensor"], int], "torch.Tensor"], int]:
    """Return the loss of weights on batches of documents, for `guyot.train.soups.learned`.

    Parameters
    ----------
    weights, config : of one of the ingredients, whose shape all have
    documents : token ids, <|bos|> first

    Returns
    -------
    (loss of named tensors and a batch's number, in nats per token; number of batches)
    """
    import torch

    class TargetLoss(torch.nn.Module):
        """A model whose output is its loss."""

        def __init__(self) -> None:
            super().__init__()
            self.model = language_model.load_model(config["model"], weights).eval().requires_grad_(False)

        def forward(self, number: int) -> torch.Tensor:
            """Compute the mean loss of a batch's targets."""
            batch = batches[number]
            return language_model.target_losses(self.model, batch, "float32").sum() / max(1, batch.n_targets)

    windows, _ = own_windows(documents, config["window_tokens"])
    batches = [batch for _, batch in batches_by_length(windows)]
    module = TargetLoss()
    device = module.model.device

    def loss(mixed: dict[str, torch.Tensor], number: int) -> torch.Tensor:
        named = {f"model.{name}": tensor.to(device) for name, tensor in mixed.items()}
        return torch.func.functional_call(module, named, (number,))

    return loss, len(batches)


def ensemble_nats(
    models: Sequence[bytes], config: dict[str, Any], documents: list[NDArray[np.int32]], *, threads: int = 1
) -> NDArray[np.float64]:
    """Score documents by the mean of several models' probabilities of each token, float64[n] nats.

    As costly as all the models together, in training and in use: what a soup is compared with.
    """
    import torch

    windows, owners = own_windows(documents, config["window_tokens"])
    loaded = [language_model.load_model(config["model"], weights).eval() for weights in models]
    nats = np.zeros(len(documents))
    with torch.inference_mode(), reproducibility.deterministic(threads):
        for chosen, batch in batches_by_length(windows):
            losses = torch.stack([language_model.target_losses(m, batch, "float32") for m in loaded]).double()
            mixed = math.log(len(loaded)) - torch.logsumexp(-losses, dim=0)  # 0 where there is no target
            np.add.at(nats, owners[chosen], mixed.sum(dim=1).cpu().numpy())
    return nats

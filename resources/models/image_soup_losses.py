"""What soups of models of images are learned from: the loss of a mixture of weights on batches of images."""

from typing import TYPE_CHECKING, Any

import numpy as np

from guyot.train.soups import Loss
from resources.models import image_network
from resources.models.image_examples import ImageExamples, image_batches

if TYPE_CHECKING:
    pass


def mixture_loss(weights: bytes, config: dict[str, Any], examples: ImageExamples) -> tuple[Loss, int]:
    """Return the loss of weights on batches of images, for `guyot.train.soups.learned`.

    Parameters
    ----------
    weights, config : of one of the ingredients, whose shape all have
    examples : held-out images, in batches as in training

    Returns
    -------
    (loss of named tensors and a batch's number, in nats per image; number of batches)
    """
    import torch

    class BatchLoss(torch.nn.Module):
        """A model whose output is its loss."""

        def __init__(self) -> None:
            super().__init__()
            self.model = image_network.load_model(config["model"], weights).requires_grad_(False)

        def forward(self, number: int) -> torch.Tensor:
            """Compute the mean loss of a batch."""
            return image_network.batch_loss(self.model, batches[number], "float32")

    batches = list(image_batches(examples, np.arange(len(examples)), config["batch_images"]))
    module = BatchLoss()
    device = next(module.parameters()).device

    def loss(mixed: dict[str, torch.Tensor], number: int) -> torch.Tensor:
        named = {f"model.{name}": tensor.to(device) for name, tensor in mixed.items()}
        return torch.func.functional_call(module, named, (number,))

    return loss, len(batches)

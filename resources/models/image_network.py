"""The model of a comparison on images: a small convolutional network, and for captions a bag of tokens.

Normalisation is over groups of channels of one image (Wu and He 2018), never over a batch: nothing but
weights is learned, so that weights of several runs can be averaged.
"""

import json
import math
from typing import TYPE_CHECKING, Any

from guyot.errors import CorruptError
from guyot.train.image_targets import CONTRASTIVE, ImageObjective
from resources.models import hardware
from resources.models.image_examples import ImageExamples
from resources.models.reproducibility import DRAWING, drawing
from resources.settings import Settings

if TYPE_CHECKING:
    import torch

_MAX_GROUPS = 4
_STRIDES = ((1, 2), (2, 2), (4, 2), (4, 1))  # of each layer: channels, as times the width, and stride
# the scale of cosines, as in CLIP (arXiv:2103.00020, section 2.5): learned, from 1 / 0.07 on, at most 100
_INITIAL_SCALE, _MAX_SCALE = math.log(1 / 0.07), math.log(100)


def shape(settings: Settings, objective: ImageObjective, n_outputs: int) -> dict[str, Any]:
    """Return the model's shape, as JSON values.

    Parameters
    ----------
    n_outputs : classes of labels; of captions the tokenizer's vocabulary
    """
    training = settings.training
    return {
        "objective": objective,
        "outputs": n_outputs,
        "side": training.image_side,
        "width": training.image_width,
    }


def new_model(model_shape: dict[str, Any], seed: int) -> Any:  # a torch module
    """Draw a model's initial weights; the same seed gives the same ones."""
    with drawing(seed):
        return _model(model_shape).to(hardware.device())


def load_model(model_shape: dict[str, Any], weights: bytes) -> Any:
    """Build a model with stored weights.

    Raises
    ------
    CorruptError : the weights are not safetensors, or not of this shape.
    """
    import safetensors.torch

    with DRAWING:
        model = _model(model_shape)
    try:
        model.load_state_dict(safetensors.torch.load(weights))
    except (safetensors.SafetensorError, RuntimeError) as error:
        raise CorruptError(
            f"{len(weights)} bytes are not the weights of a model of {json.dumps(model_shape)}: {error}; "
            "train the run again"
        ) from error
    return model.to(hardware.device())


def weights_of(model: Any) -> bytes:
    """Serialize the weights as safetensors."""
    import safetensors.torch

    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    return safetensors.torch.save(tensors, {"format": "pt"})


def image_outputs(model: Any, examples: ImageExamples, precision: hardware.Precision) -> "torch.Tensor":
    """Return what the model makes of images: float32[n, classes] logits, or [n, d] vectors of unit length."""
    import torch

    device = next(model.parameters()).device
    pixels = torch.from_numpy(examples.pixels).to(device)
    with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
        found = model.image(pixels.permute(0, 3, 1, 2).float() / 127.5 - 1).float()
    return found if model.text is None else torch.nn.functional.normalize(found, dim=1)


def caption_vectors(model: Any, captions: list[Any]) -> "torch.Tensor":
    """Return the vectors of captions' token ids, float32[n, d] of unit length."""
    import torch

    device = next(model.parameters()).device
    ids = torch.nn.utils.rnn.pad_sequence(
        [torch.from_numpy(one).long() for one in captions], batch_first=True, padding_value=-1
    ).to(device)
    is_token = (ids >= 0).unsqueeze(2).float()
    vectors = model.tokens(ids.clamp(min=0)) * is_token
    found = model.text(vectors.sum(dim=1) / is_token.sum(dim=1))
    return torch.nn.functional.normalize(found.float(), dim=1)


def scale_of(model: Any) -> "torch.Tensor":
    """Return what cosines are multiplied by before the softmax."""
    return model.log_scale.clamp(max=_MAX_SCALE).exp()


def batch_loss(model: Any, batch: ImageExamples, precision: hardware.Precision) -> "torch.Tensor":
    """Compute the mean loss of a batch in nats: of labels the cross entropy, of captions `info_nce`."""
    import torch

    outputs = image_outputs(model, batch, precision)
    if model.text is None:
        labels = torch.tensor([int(target[0]) for target in batch.targets], device=outputs.device)
        return torch.nn.functional.cross_entropy(outputs, labels)
    return info_nce(outputs, caption_vectors(model, batch.targets), scale_of(model))


def info_nce(images: "torch.Tensor", captions: "torch.Tensor", scale: "torch.Tensor") -> "torch.Tensor":
    """Compute the symmetric contrastive loss of a batch, as CLIP's figure 3 has it, in nats.

    Parameters
    ----------
    images, captions : float[n, d], rows of unit length; row i of the one belongs to row i of the other, and
        every other row counts as wrong, also where two captions are equal
    scale : of cosines

    Returns
    -------
    The mean of the two cross entropies: of an image's caption among the batch's, and of a caption's image.
    """
    import torch

    logits = scale * images @ captions.T
    own = torch.arange(len(logits), device=logits.device)
    entropy = torch.nn.functional.cross_entropy
    return (entropy(logits, own) + entropy(logits.T, own)) / 2


def _model(model_shape: dict[str, Any]) -> Any:
    """Build the module."""
    import torch
    from torch import nn

    width, outputs = model_shape["width"], model_shape["outputs"]
    is_of_captions = model_shape["objective"] == CONTRASTIVE
    layers: list[nn.Module] = []
    n_channels = 3
    for times, stride in _STRIDES:
        layers += [
            nn.Conv2d(n_channels, times * width, 3, stride, 1, bias=False),
            nn.GroupNorm(math.gcd(_MAX_GROUPS, times * width), times * width), nn.SiLU(),
        ]  # fmt: skip
        n_channels = times * width
    layers += [
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(n_channels, n_channels if is_of_captions else outputs),
    ]

    class ImageModel(nn.Module):
        """The tower of images and, for captions, theirs."""

        def __init__(self) -> None:
            super().__init__()
            self.image = nn.Sequential(*layers)
            self.text: nn.Module | None = None
            if is_of_captions:
                self.tokens = nn.Embedding(outputs, n_channels)
                linear = (nn.Linear(n_channels, n_channels) for _ in range(2))
                self.text = nn.Sequential(next(linear), nn.SiLU(), next(linear))
                self.log_scale = nn.Parameter(torch.tensor(_INITIAL_SCALE))

    return ImageModel()

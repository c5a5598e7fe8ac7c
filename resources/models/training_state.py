"""The state of a training between two steps, as a safetensors file: a killed training goes on from it.

The file holds the weights, AdamW's moments and the steps so far; its metadata, as JSON, which training it is
of and how far that is. The stream of documents is no part of it: it is read again up to that place.
"""

import dataclasses
import json
from typing import Any, Protocol

import numpy as np

from guyot.identity import fingerprint

_STEP = "step."  # of the optimizer, one for each parameter
_MOMENTS = ("exp_avg", "exp_avg_sq")


class SavedStates(Protocol):
    """Where states are kept while a training goes on, such as `resources.lake.saved_checkpoints`."""

    def latest(self) -> bytes | None:
        """Return the newest state that is undamaged, or None."""

    def save(self, step: int, content: bytes) -> None:
        """Keep a state, in place of those of earlier steps."""


@dataclasses.dataclass
class Progress:
    """How far a training is.

    batches : read so far; tokens : of them
    steps : (step, tokens up to its end, loss) of each update so far
    points : (tokens, nats) of each point of the learning curve so far
    seconds : of training so far
    """

    batches: int = 0
    tokens: int = 0
    steps: list[tuple[int, int, float]] = dataclasses.field(default_factory=list)
    seconds: float = 0.0
    points: list[tuple[int, float]] = dataclasses.field(default_factory=list)


def identity(config: dict[str, Any], init: str, threads: int, curve: str) -> str:
    """Hash all that the bits of a training and its learning curve hang on beside its documents.

    A state of another machine's precision, of other initial weights or of another torch is left alone, since
    a training that went on from it would be neither the one nor the other.
    """
    import torch

    return fingerprint([config, init, threads, curve, torch.__version__])


def pack(model: Any, optimizer: Any, progress: Progress, of: str) -> bytes:
    """Serialize a state.

    Parameters
    ----------
    of : the training's `identity`
    """
    import safetensors.torch
    import torch

    tensors: dict[str, torch.Tensor] = {}
    for name, parameter in model.named_parameters():
        tensors[f"weights.{name}"] = parameter.detach()
        state = optimizer.state.get(parameter, {})
        for moment in _MOMENTS if state else ():
            tensors[f"{moment}.{name}"] = state[moment]
        if state:
            tensors[f"{_STEP}{name}"] = state["step"]
    numbers, tokens, losses = zip(*progress.steps, strict=True) if progress.steps else ((), (), ())
    tensors["steps"] = torch.tensor(np.array([numbers, tokens], np.int64))
    tensors["losses"] = torch.tensor(np.array(losses, np.float64))
    tensors["point_tokens"] = torch.tensor(np.array([tokens for tokens, _ in progress.points], np.int64))
    tensors["point_nats"] = torch.tensor(np.array([nats for _, nats in progress.points], np.float64))
    place = {"of": of, "batches": progress.batches, "tokens": progress.tokens, "seconds": progress.seconds}
    cpu = {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}
    return safetensors.torch.save(cpu, {"progress": json.dumps(place)})


def restore(content: bytes, model: Any, optimizer: Any, of: str) -> Progress | None:
    """Put a model and its optimizer into a state; return how far it is, or None: it is another training's."""
    import safetensors.torch
    import torch

    place = _metadata(content)
    if place.get("of") != of:
        return None
    tensors = safetensors.torch.load(content)
    named = dict(model.named_parameters())
    with torch.no_grad():
        for name, parameter in named.items():
            parameter.copy_(tensors[f"weights.{name}"])
    for name, parameter in named.items():
        if f"{_STEP}{name}" in tensors:
            moments = {m: tensors[f"{m}.{name}"].to(parameter.device) for m in _MOMENTS}
            optimizer.state[parameter] = {"step": tensors[f"{_STEP}{name}"].to(parameter.device), **moments}
    numbers, tokens = tensors["steps"].tolist()
    steps = list(zip(numbers, tokens, tensors["losses"].tolist(), strict=True))
    points = list(zip(tensors["point_tokens"].tolist(), tensors["point_nats"].tolist(), strict=True))
    return Progress(place["batches"], place["tokens"], steps, place["seconds"], points)


def _metadata(content: bytes) -> dict[str, Any]:
    """Read the JSON in a safetensors file's header, which begins after its length in 8 bytes."""
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    found: dict[str, Any] = json.loads(header.get("__metadata__", {}).get("progress", "{}"))
    return found

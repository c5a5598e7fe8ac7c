"""The state of a policy's training between two updates, as a safetensors file: a killed one goes on from it.

The file holds the weights, Adam's moments, where each agent is and what it remembers; its metadata, as JSON,
which training it is of and how far that is. Numbers that are drawn are of an update's own stream, so that no
generator is part of it.
"""

import dataclasses
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WEIGHTS, _OPTIMIZER, _AGENTS, _CURVE = "weights.", "optimizer.", "agents.", "curve."


@dataclasses.dataclass(frozen=True)
class CurvePoint:
    """One update of a learning curve.

    steps : of all agents, up to its end
    loss : the mean of its minibatches
    episodes : that ended in its rollout; success and spl : the means of them, 0 if there were none
    level : of the curriculum
    """

    steps: int
    loss: float
    episodes: int
    success: float
    spl: float
    level: int


@dataclasses.dataclass
class TrainingProgress:
    """How far a training is.

    updates : so far; level : of the curriculum; seconds : of training; curve : a point of each update
    """

    updates: int = 0
    level: int = 0
    seconds: float = 0.0
    curve: list[CurvePoint] = dataclasses.field(default_factory=list)


def pack(
    network: Any, optimizer: Any, agents: dict[str, NDArray[Any]], progress: TrainingProgress, of: str
) -> bytes:
    """Serialize a state.

    Parameters
    ----------
    network, optimizer : torch's
    agents : arrays by name
    of : a hash of all that determines the training
    """
    import safetensors.torch
    import torch

    tensors: dict[str, Any] = {}
    for name, parameter in network.named_parameters():
        tensors[_WEIGHTS + name] = parameter.detach()
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"{_OPTIMIZER}{key}.{name}"] = value
    for name, values in agents.items():
        tensors[_AGENTS + name] = torch.from_numpy(values)
    for field in dataclasses.fields(CurvePoint):
        column = np.array([getattr(point, field.name) for point in progress.curve], np.float64)
        tensors[_CURVE + field.name] = torch.from_numpy(column)
    place = {"of": of, "updates": progress.updates, "level": progress.level, "seconds": progress.seconds}
    cpu = {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}
    return safetensors.torch.save(cpu, {"progress": json.dumps(place)})


def restore(
    content: bytes, network: Any, optimizer: Any, of: str
) -> tuple[TrainingProgress, dict[str, NDArray[Any]]] | None:
    """Put a network and its optimizer into a state.

    Returns
    -------
    (how far it is, the agents' arrays), or None: the state is another training's
    """
    import safetensors.torch
    import torch

    size = int.from_bytes(content[:8], "little")  # of the header, which begins after it
    place = json.loads(json.loads(content[8 : 8 + size]).get("__metadata__", {}).get("progress", "{}"))
    if place.get("of") != of:
        return None
    tensors = safetensors.torch.load(content)
    for name, parameter in network.named_parameters():
        with torch.no_grad():
            parameter.copy_(tensors[_WEIGHTS + name])
        of_parameter = {
            key.removeprefix(_OPTIMIZER).removesuffix(f".{name}"): tensor.to(parameter.device)
            for key, tensor in tensors.items()
            if key.startswith(_OPTIMIZER) and key.partition(".")[2].partition(".")[2] == name
        }
        if of_parameter:
            optimizer.state[parameter] = of_parameter
    agents = {
        name.removeprefix(_AGENTS): tensor.numpy()
        for name, tensor in tensors.items() if name.startswith(_AGENTS)
    }  # fmt: skip
    columns = [tensors[_CURVE + field.name].tolist() for field in dataclasses.fields(CurvePoint)]
    curve = [
        CurvePoint(int(steps), loss, int(episodes), success, spl, int(level))
        for steps, loss, episodes, success, spl, level in zip(*columns, strict=True)
    ]
    return TrainingProgress(place["updates"], place["level"], place["seconds"], curve), agents

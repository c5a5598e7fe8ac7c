"""What a training reads, and what comes of it: the same words for texts and for images."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.graph.snapshot import Snapshot
from guyot.train.schedule import Schedule
from resources.lake.manifest import Manifest
from resources.models.trainer import TrainingResult
from resources.settings import Settings


@dataclass(frozen=True)
class PlannedReading:
    """What a training reads, and begins with.

    ids : S32[n], doc_ids of the schedule's rows
    seed : of the initial weights
    initial : the weights to begin with, safetensors; None: drawn by the seed
    settings : whose budget is the schedule's
    """

    snapshot: Snapshot
    tokenizer: Manifest
    ids: NDArray[np.bytes_]
    schedule: Schedule
    seed: int
    initial: bytes | None
    settings: Settings


@dataclass(frozen=True)
class CurvePlan:
    """The held-out documents that a run is evaluated on while it is trained.

    mixture : whose snapshot holds them out
    seed : of the draw, in which no recipe and no seed of a run has a part
    """

    mixture: Manifest
    seed: int


@dataclass(frozen=True)
class Trained:
    """What came of a training.

    config : what its record has beside the result's
    curve : digest of what the learning curve is of, and how often
    curve_bytes : scored bytes of it; of images the images
    """

    result: TrainingResult
    config: dict[str, Any] = field(default_factory=dict)
    curve: str = ""
    curve_bytes: int = 0

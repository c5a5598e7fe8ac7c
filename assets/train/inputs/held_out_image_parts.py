"""The held-out images in two parts: one that chooses a soup, and one that its figures are reported of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from assets.train.inputs.held_out_documents import held_out_documents
from assets.train.inputs.held_out_parts import choosing
from assets.train.inputs.image_tasks import ImageTask, read_examples, target_arrays, with_targets
from guyot.train.soups import Loss
from resources.models import image_evaluator, image_soup_losses
from resources.models.image_examples import ImageExamples
from resources.settings import Settings

SAMPLE_IMAGES = 256


@dataclass(frozen=True)
class ImagePart:
    """Held-out images with their targets.

    threads : that share one operation
    """

    examples: ImageExamples
    threads: int = 1

    @property
    def scored_bytes(self) -> NDArray[np.int64]:
        """What costs are over: each image is one."""
        return np.ones(len(self.examples), np.int64)

    def sample(self) -> "ImagePart":
        """Return the first images, at most 256."""
        return ImagePart(self.examples.take(slice(SAMPLE_IMAGES)), self.threads)

    def nats(self, weights: bytes, config: dict[str, Any]) -> NDArray[np.float64]:
        """Score the images by a model."""
        return image_evaluator.evaluate(weights, config, self.examples, threads=self.threads).nats

    def ensemble_nats(self, models: Sequence[bytes], config: dict[str, Any]) -> NDArray[np.float64]:
        """Score the images by the mean of several models' probabilities of each one's target."""
        return image_evaluator.ensemble_nats(models, config, self.examples, threads=self.threads)

    def mixture_loss(self, weights: bytes, config: dict[str, Any]) -> tuple[Loss, int]:
        """Return the loss of named tensors on batches of them."""
        return image_soup_losses.mixture_loss(weights, config, self.examples)


def held_out_image_parts(
    reader: TableReader, settings: Settings, snapshot: Snapshot, task: ImageTask
) -> tuple[ImagePart, ImagePart]:
    """Divide the images that evaluations are made of into (choosing, reported), in memory.

    Raises
    ------
    EvaluationError : fewer than two images with a target are held out.
    """
    documents = held_out_documents(reader, settings, snapshot)
    ids, targets = with_targets(documents.ids, target_arrays(reader, snapshot, task, documents.ids))
    groups = dict(zip(documents.ids.tolist(), documents.groups, strict=True))
    names = [one.decode() for one in ids.tolist()]
    chooses = choosing([groups[one] for one in ids.tolist()], names, settings.seed)
    with reader.scratch_folder() as folder:
        examples = read_examples(reader, snapshot, ids, targets, settings, folder)
        parts = [examples.take(np.flatnonzero(wanted)) for wanted in (chooses, ~chooses)]
    return ImagePart(parts[0], settings.training.threads), ImagePart(parts[1], settings.training.threads)

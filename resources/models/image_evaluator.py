"""Scores images with a trained model, in nats per image.

Of labels, an image costs the cross entropy of its class. Of captions, it costs minus the log of the softmax
of its own caption among all different captions of what is evaluated together; so values compare over the
same images alone.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from guyot.errors import EvaluationError
from guyot.identity import fingerprint
from guyot.train.image_targets import CONTRASTIVE
from resources.models import hardware, image_network
from resources.models.image_examples import ImageExamples
from resources.models.learning_curve import is_due
from resources.models.reproducibility import deterministic

if TYPE_CHECKING:
    import torch

_IMAGES_AT_ONCE = 64


@dataclass(frozen=True)
class ImageScores:
    """What images cost.

    nats : float64[n]
    is_right : bool[n], whether its own class, or caption, is the likeliest
    """

    nats: NDArray[np.float64]
    is_right: NDArray[np.bool_]


@dataclass(frozen=True)
class ImageLearningCurve:
    """What a model of images is evaluated on while it is trained, and how often.

    examples : held-out images; none: no curve
    n_points : evaluations after that of the initial weights, the last one of the final weights; 0: no curve
    """

    examples: ImageExamples
    n_points: int

    @property
    def digest(self) -> str:
        """A hash of both: curves of equal digests and budgets can be laid over one another."""
        return fingerprint([self.n_points, self.examples.digest])

    def is_due(self, last: int | None, done: int, budget: int) -> bool:
        """Return whether a point lies between two numbers of images read."""
        return len(self.examples) > 0 and is_due(self.n_points, last, done, budget)

    def nats(self, model: Any, config: dict[str, Any]) -> float:
        """Score all images by a model that is being trained, and leave it and its training as they are."""
        import torch

        with torch.no_grad():
            return float(scores(model, self.examples, config["precision"]).nats.sum())


def evaluate(
    weights: bytes, config: dict[str, Any], examples: ImageExamples, *, threads: int = 1
) -> ImageScores:
    """Score images.

    Parameters
    ----------
    weights, config : of a training on images
    examples : one or more

    Raises
    ------
    EvaluationError : no image, captions that are all the same, or a score that is not finite.
    CorruptError : weights that are not those of the config.

    Notes
    -----
    In float32 whatever the training multiplied in.
    """
    import torch

    model = image_network.load_model(config["model"], weights)
    with torch.inference_mode(), deterministic(threads):
        return scores(model, examples)


def ensemble_nats(
    models: Sequence[bytes], config: dict[str, Any], examples: ImageExamples, *, threads: int = 1
) -> NDArray[np.float64]:
    """Score images by the mean of several models' probabilities of each one's target, float64[n] nats."""
    costs = np.stack([evaluate(one, config, examples, threads=threads).nats for one in models])
    return math.log(len(costs)) - np.logaddexp.reduce(-costs, axis=0)


def scores(model: Any, examples: ImageExamples, precision: hardware.Precision = "float32") -> ImageScores:
    """Score images by a model, in the modes that torch is in.

    Raises
    ------
    EvaluationError : as `evaluate`.
    """
    own, logits = _logits(model, examples, precision)
    nats, is_right = np.zeros(len(examples)), np.zeros(len(examples), np.bool_)
    for rows, found in logits:
        likely = found.double().log_softmax(dim=1)
        nats[rows] = -likely.cpu().numpy()[np.arange(len(found)), own[rows]]
        is_right[rows] = found.argmax(dim=1).cpu().numpy() == own[rows]
    bad = np.flatnonzero(~np.isfinite(nats))
    if bad.size:
        raise EvaluationError(
            f"{bad.size} of {len(nats)} images have no finite score (image {bad[0]} costs {nats[bad[0]]} "
            "nats): the training diverged; lower training.learning_rate"
        )
    return ImageScores(np.maximum(nats, 0), is_right)


def _logits(
    model: Any, examples: ImageExamples, precision: hardware.Precision
) -> tuple[NDArray[np.int64], "Iterator[tuple[slice, torch.Tensor]]"]:
    """Return the number of each image's target, and (rows, logits of all targets) some images at a time."""
    if not len(examples):
        raise EvaluationError("0 images were to be evaluated; hold out one or more that have a target")
    if model.text is None:
        own = np.array([int(target[0]) for target in examples.targets])
        return own, _parts(model, examples, precision, None)
    keys = [target.tobytes() for target in examples.targets]
    distinct = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    if len(distinct) < 2:
        raise EvaluationError(
            f"{len(examples)} held-out images have {len(distinct)} caption between them; {CONTRASTIVE} needs "
            "2 different ones; hold out more images, or set training.image_objective=label"
        )
    captions = [np.frombuffer(bytearray(key), np.int32) for key in distinct]
    vectors = image_network.caption_vectors(model, captions) * image_network.scale_of(model)
    own = np.array([distinct[key] for key in keys])
    return own, _parts(model, examples, precision, vectors)


def _parts(
    model: Any, examples: ImageExamples, precision: hardware.Precision, captions: "torch.Tensor | None"
) -> "Iterator[tuple[slice, torch.Tensor]]":
    """Yield (rows, logits) some images at a time."""
    for begin in range(0, len(examples), _IMAGES_AT_ONCE):
        rows = slice(begin, min(begin + _IMAGES_AT_ONCE, len(examples)))
        found = image_network.image_outputs(model, examples.take(rows), precision)
        yield rows, found if captions is None else found @ captions.T

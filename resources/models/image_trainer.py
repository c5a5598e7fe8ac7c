"""Trains the small models of images that mixtures are compared by."""

from typing import Any

import numpy as np
from dagster import ConfigurableResource, ResourceDependency
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.train.image_targets import ImageObjective
from resources.models import hardware, image_network
from resources.models.image_evaluator import ImageLearningCurve
from resources.models.image_examples import ImageExamples, image_batches
from resources.models.optimizer import WARMUP_FRACTION, WEIGHT_DECAY
from resources.models.reproducibility import deterministic, digest
from resources.models.trainer import TrainingResult, result_of
from resources.models.training_loop import ProgressCallback, Steps, TrainingLoop
from resources.models.training_state import SavedStates
from resources.settings import Settings

NO_CURVE = ImageLearningCurve(ImageExamples(np.zeros((0, 8, 8, 3), np.uint8), []), 0)


class ImageTrainer(ConfigurableResource[Any]):
    """Trains classifiers of images, and models of images and captions."""

    settings: ResourceDependency[Settings]

    def config(self, objective: ImageObjective, n_outputs: int) -> dict[str, Any]:
        """Return all that determines a training besides its images and seed.

        Parameters
        ----------
        n_outputs : classes of labels; of captions the tokenizer's vocabulary
        """
        training = self.settings.training
        return {
            "model": image_network.shape(self.settings, objective, n_outputs),
            "images": training.images,
            "batch_images": training.batch_images,
            "learning_rate": training.learning_rate,
            "warmup_fraction": WARMUP_FRACTION,
            "weight_decay": WEIGHT_DECAY,
            "precision": hardware.precision(),
            "device": hardware.device(),
        }

    def train(
        self,
        examples: ImageExamples,
        rows: NDArray[np.int64],
        *,
        objective: ImageObjective,
        n_outputs: int,
        seed: int,
        initial: bytes | None = None,
        curve: ImageLearningCurve = NO_CURVE,
        saved: SavedStates | None = None,
        progress: ProgressCallback | None = None,
    ) -> TrainingResult:
        """Train a model on exactly `training.images` images.

        Parameters
        ----------
        examples : the images that are read, each once
        rows : int64[training.images], rows of them in the order of the schedule, repeats included
        seed : of the initial weights; nothing else is drawn: images are not augmented
        initial : the weights to begin with, safetensors as of a `TrainingResult`; None: drawn by the seed
        curve, saved, progress : as for `Trainer.train`, in images

        Raises
        ------
        SettingError : another number of rows.
        EvaluationError : the loss is not finite, in training or on the curve.
        CorruptError : initial weights that are not those of such a model.

        Notes
        -----
        Optimized, repeatable and resumed as `Trainer.train` is.
        """
        asked = self.settings.training.images
        if len(rows) != asked:
            raise SettingError(
                f"training.images={asked}, but {len(rows)} images are scheduled; train on the visits of a "
                "schedule that was planned with this budget"
            )
        config = self.config(objective, n_outputs)
        with deterministic(self.settings.training.threads):
            model = (
                image_network.new_model(config["model"], seed)
                if initial is None
                else image_network.load_model(config["model"], initial)
            )
            init = digest(image_network.weights_of(model))
            loop = TrainingLoop(model, config, init, self.settings.training.threads, curve, steps_of(config))
            batches = image_batches(examples, rows, config["batch_images"])
            done = loop.run(batches, saved, self.settings.training.checkpoint_steps, progress)
        return result_of(image_network.weights_of(model), init, config, done)


def steps_of(config: dict[str, Any]) -> Steps[ImageExamples]:
    """Return how a training on images spends them."""

    def add_gradients(model: Any, batch: ImageExamples) -> float:
        loss = image_network.batch_loss(model, batch, config["precision"])
        loss.backward()
        return float(loss.item())

    return Steps(config["images"], config["batch_images"], add_gradients)

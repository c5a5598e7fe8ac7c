"""Trains and evaluates the small language models that mixtures are compared by."""

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from dagster import ConfigurableResource, ResourceDependency
from numpy.typing import NDArray

from guyot.errors import SettingError
from resources.models import hardware, language_model, reproducibility
from resources.models.evaluator import evaluate
from resources.models.learning_curve import LearningCurve
from resources.models.optimizer import WARMUP_FRACTION, WEIGHT_DECAY
from resources.models.packing import WindowBatch, batches
from resources.models.training_loop import ProgressCallback, Steps, TrainingLoop
from resources.models.training_state import Progress, SavedStates
from resources.settings import Settings

NO_CURVE = LearningCurve((), 0)
# what fits the processor's cache: a quarter faster than 16 windows at once
CPU_WINDOWS_AT_ONCE = 4


@dataclasses.dataclass(frozen=True)
class TrainingResult:
    """The result of one training.

    weights : the trained weights, a safetensors file; init : a digest of the initial ones
    config : the shape, settings and precision, as JSON values; the evaluation reads it
    tokens : read of the budget; of a training on images the images
    steps : int64[s], from 0; a step without any target is left out
    step_tokens : int64[s], tokens, or images, read up to the end of the step
    losses : float64[s], nats per token or image, mean of the step before its update
    curve_tokens : int64[p], read up to each point of the learning curve, the first before any step
    curve_nats : float64[p], what the model then paid for all of the curve's documents
    """

    weights: bytes
    init: str
    config: dict[str, Any]
    tokens: int
    steps: NDArray[np.int64]
    step_tokens: NDArray[np.int64]
    losses: NDArray[np.float64]
    curve_tokens: NDArray[np.int64]
    curve_nats: NDArray[np.float64]
    wall_seconds: float


def result_of(weights: bytes, init: str, config: dict[str, Any], done: Progress) -> TrainingResult:
    """Put what a training has done together; it made one step or more."""
    numbers, read, losses = zip(*done.steps, strict=True)
    return TrainingResult(
        weights=weights,
        init=init,
        config=config,
        tokens=done.tokens,
        steps=np.array(numbers, np.int64),
        step_tokens=np.array(read, np.int64),
        losses=np.array(losses, np.float64),
        curve_tokens=np.array([tokens for tokens, _ in done.points], np.int64),
        curve_nats=np.array([nats for _, nats in done.points], np.float64),
        wall_seconds=done.seconds,
    )


class Trainer(ConfigurableResource[Any]):
    """Trains causal language models on token streams, and evaluates them."""

    settings: ResourceDependency[Settings]

    @property
    def at_once(self) -> int:
        """How many trainings, or evaluations, run at a time; 0 is one for each of the engine's workers."""
        return self.settings.training.at_once or (1 if hardware.device() == "cuda" else 0)

    def config(self, vocabulary_size: int) -> dict[str, Any]:
        """Return all that determines a training besides its tokens and seed.

        Raises
        ------
        SettingError : a model that cannot be built.
        """
        return {
            "model": language_model.shape(self.settings, vocabulary_size),
            "tokens": self.settings.training.tokens,
            "window_tokens": self.settings.training.window_tokens,
            "batch_windows": self.settings.training.batch_windows,
            "learning_rate": self.settings.training.learning_rate,
            "warmup_fraction": WARMUP_FRACTION,
            "weight_decay": WEIGHT_DECAY,
            "precision": hardware.precision(),
            "device": hardware.device(),
        }

    def train(
        self,
        documents: Iterable[NDArray[np.int32]],
        *,
        vocabulary_size: int,
        seed: int,
        initial: bytes | None = None,
        curve: LearningCurve = NO_CURVE,
        saved: SavedStates | None = None,
        progress: ProgressCallback | None = None,
    ) -> TrainingResult:
        """Train a model on exactly `training.tokens` tokens.

        Parameters
        ----------
        documents : token ids of each visit of a schedule, in order, <|bos|> first; read as a stream
        seed : of the initial weights; nothing else is drawn
        initial : the weights to begin with, safetensors as of a `TrainingResult`; None: drawn by the seed
        curve : what the model is evaluated on while it is trained, and how often; it changes no weight
        saved : where the training's state is kept every `training.checkpoint_steps` steps, and where that
            of a killed one is looked for; None: nowhere
        progress : called after each step with the total number of tokens done

        Raises
        ------
        SettingError : the documents do not hold `training.tokens` tokens.
        EvaluationError : the loss is not finite, in training or on the curve.
        CorruptError : initial weights that are not those of such a model.

        Notes
        -----
        AdamW with linear warmup and cosine decay to 0, gradients clipped to length 1. The same
        documents, settings, seed and `training.threads` give the same losses and weights on the same
        processor and versions, whether the training was killed and resumed or not. Safe to call from
        several threads at a time.
        """
        config = self.config(vocabulary_size)
        with self.deterministic():
            model = (
                language_model.new_model(config["model"], seed)
                if initial is None
                else language_model.load_model(config["model"], initial)
            )
            init = reproducibility.digest(language_model.weights_of(model))
            loop = TrainingLoop(model, config, init, self.settings.training.threads, curve, steps_of(config))
            done = loop.run(
                self._batches(documents), saved, self.settings.training.checkpoint_steps, progress
            )
        if not done.steps:
            raise SettingError(
                f"training.tokens={self.settings.training.tokens} hold nothing to predict: every document "
                "is its <|bos|> alone"
            )
        return result_of(language_model.weights_of(model), init, config, done)

    def _batches(self, documents: Iterable[NDArray[np.int32]]) -> Iterator[WindowBatch]:
        """Cut the stream into batches, up to the token budget."""
        asked, done = self.settings.training.tokens, 0
        wrong = "train on the visits of a schedule that was planned with this budget"
        for batch in batches(
            documents, self.settings.training.window_tokens, self.settings.training.batch_windows
        ):
            done += batch.n_tokens
            if done > asked:
                raise SettingError(f"training.tokens={asked}, but the documents hold more; {wrong}")
            yield batch
        if done < asked:
            raise SettingError(f"training.tokens={asked}, but the documents hold {done}; {wrong}")

    def deterministic(self) -> contextlib.AbstractContextManager[None]:
        """Compute as a training of these settings does, see `reproducibility.deterministic`."""
        return reproducibility.deterministic(self.settings.training.threads)

    def evaluate(
        self,
        weights: bytes,
        config: dict[str, Any],
        documents: Iterable[NDArray[np.int32]],
        progress: ProgressCallback | None = None,
    ) -> NDArray[np.float64]:
        """Score documents, float64[n] nats each; see `resources.models.evaluator`."""
        return evaluate(weights, config, documents, progress, threads=self.settings.training.threads)


def steps_of(config: dict[str, Any]) -> Steps[WindowBatch]:
    """Return how a training of a language model spends its tokens."""
    per_step = config["window_tokens"] * config["batch_windows"]
    return Steps(config["tokens"], per_step, lambda model, batch: _add_gradients(model, batch, config))


def _add_gradients(model: Any, batch: WindowBatch, config: dict[str, Any]) -> float:
    """Add up the gradients of a batch's mean loss, some windows at a time; return the loss."""
    n_targets, n_windows = batch.n_targets, len(batch.inputs)
    at_once = n_windows if model.device.type == "cuda" else CPU_WINDOWS_AT_ONCE
    total = 0.0
    for begin in range(0, n_windows, at_once):
        part = batch.take(slice(begin, begin + at_once))
        loss = language_model.target_losses(model, part, config["precision"]).sum() / n_targets
        loss.backward()
        total += loss.item()
    return total

"""Trains and evaluates the small language models that mixtures are compared by."""

import contextlib
import dataclasses
import itertools
import math
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from dagster import ConfigurableResource, ResourceDependency
from numpy.typing import NDArray

from guyot.errors import EvaluationError, SettingError
from resources.models import hardware, language_model, training_state
from resources.models.evaluator import evaluate
from resources.models.optimizer import (
    MAX_GRADIENT_NORM,
    WARMUP_FRACTION,
    WEIGHT_DECAY,
    learning_rate_share,
    new_optimizer,
)
from resources.models.packing import WindowBatch, batches
from resources.models.training_state import Progress, SavedStates
from resources.settings import Settings

# what fits the processor's cache: a quarter faster than 16 windows at once
CPU_WINDOWS_AT_ONCE = 4
TokenCallback = Callable[[int], None]


@dataclasses.dataclass(frozen=True)
class TrainingResult:
    """The result of one training.

    weights : the trained weights, a safetensors file; init : a digest of the initial ones
    config : the shape, settings and precision, as JSON values; `Trainer.evaluate` reads it
    steps : int64[s], from 0; a step without any target is left out
    step_tokens : int64[s], tokens read up to the end of the step
    losses : float64[s], nats per token, mean of the step before its update
    """

    weights: bytes
    init: str
    config: dict[str, Any]
    steps: NDArray[np.int64]
    step_tokens: NDArray[np.int64]
    losses: NDArray[np.float64]
    wall_seconds: float

    @property
    def tokens(self) -> int:
        """Count the tokens that were read."""
        return int(self.config["tokens"])


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
        saved: SavedStates | None = None,
        progress: TokenCallback | None = None,
    ) -> TrainingResult:
        """Train a model on exactly `training.tokens` tokens.

        Parameters
        ----------
        documents : token ids of each visit of a schedule, in order, <|bos|> first; read as a stream
        seed : of the initial weights; nothing else is drawn
        initial : the weights to begin with, safetensors as of a `TrainingResult`; None: drawn by the seed
        saved : where the training's state is kept every `training.checkpoint_steps` steps, and where that
            of a killed one is looked for; None: nowhere
        progress : called after each step with the total number of tokens done

        Raises
        ------
        SettingError : the documents do not hold `training.tokens` tokens.
        EvaluationError : the loss is not finite.
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
            init = language_model.digest(language_model.weights_of(model))
            loop = _Loop(model, config, init, self.settings.training.threads)
            done = loop.run(
                self._batches(documents), saved, self.settings.training.checkpoint_steps, progress
            )
        if not done.steps:
            raise SettingError(
                f"training.tokens={self.settings.training.tokens} hold nothing to predict: every document "
                "is its <|bos|> alone"
            )
        numbers, tokens, losses = zip(*done.steps, strict=True)
        return TrainingResult(
            weights=language_model.weights_of(model),
            init=init,
            config=config,
            steps=np.array(numbers, np.int64),
            step_tokens=np.array(tokens, np.int64),
            losses=np.array(losses, np.float64),
            wall_seconds=done.seconds,
        )

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
        """Compute as a training of these settings does, see `language_model.deterministic`."""
        return language_model.deterministic(self.settings.training.threads)

    def evaluate(
        self,
        weights: bytes,
        config: dict[str, Any],
        documents: Iterable[NDArray[np.int32]],
        progress: TokenCallback | None = None,
    ) -> NDArray[np.float64]:
        """Score documents, float64[n] nats each; see `resources.models.evaluator`."""
        return evaluate(weights, config, documents, progress, threads=self.settings.training.threads)


class _Loop:
    """The optimizer's steps of one training."""

    def __init__(self, model: Any, config: dict[str, Any], init: str, threads: int) -> None:
        self._model, self._config = model, config
        self._optimizer = new_optimizer(model, config["weight_decay"])
        self._identity = training_state.identity(config, init, threads)
        self._n_steps = -(-config["tokens"] // (config["window_tokens"] * config["batch_windows"]))

    def run(
        self,
        stream: Iterator[WindowBatch],
        saved: SavedStates | None,
        save_every: int,
        progress: TokenCallback | None,
    ) -> Progress:
        """Take all steps, from the saved state on if there is one; return what was done."""
        content = saved.latest() if saved else None
        done = content and training_state.restore(content, self._model, self._optimizer, self._identity)
        done = done or Progress()
        before, begun = done.seconds, time.perf_counter()
        self._model.train()
        for step, batch in enumerate(itertools.islice(stream, done.batches, None), done.batches):
            done.batches, done.tokens = step + 1, done.tokens + batch.n_tokens
            if batch.n_targets:
                done.steps.append((step, done.tokens, self._step(step, batch)))
            done.seconds = before + time.perf_counter() - begun
            if saved and done.batches % save_every == 0 and done.batches < self._n_steps:
                state = training_state.pack(self._model, self._optimizer, done, self._identity)
                saved.save(done.batches, state)
            if progress is not None:
                progress(done.tokens)
        return done

    def _step(self, step: int, batch: WindowBatch) -> float:
        """Update the weights by a batch; return the loss before."""
        import torch

        for group in self._optimizer.param_groups:
            group["lr"] = self._config["learning_rate"] * learning_rate_share(step, self._n_steps)
        self._optimizer.zero_grad()
        loss = _add_gradients(self._model, batch, self._config["precision"])
        if not math.isfinite(loss):
            raise EvaluationError(
                f"the training loss is {loss} at step {step} of {self._n_steps} with "
                f"training.learning_rate={self._config['learning_rate']}; lower it"
            )
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), MAX_GRADIENT_NORM)
        self._optimizer.step()
        return loss


def _add_gradients(model: Any, batch: WindowBatch, precision: hardware.Precision) -> float:
    """Add up the gradients of a batch's mean loss, some windows at a time; return the loss."""
    n_targets, n_windows = batch.n_targets, len(batch.inputs)
    at_once = n_windows if model.device.type == "cuda" else CPU_WINDOWS_AT_ONCE
    total = 0.0
    for begin in range(0, n_windows, at_once):
        part = batch.take(slice(begin, begin + at_once))
        loss = language_model.target_losses(model, part, precision).sum() / n_targets
        loss.backward()
        total += loss.item()
    return total

"""Trains and evaluates the small language models that mixtures are compared by."""

import dataclasses
import math
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from dagster import ConfigurableResource, ResourceDependency
from numpy.typing import NDArray

from guyot.errors import EvaluationError, SettingError
from resources.models import hardware, language_model
from resources.models.evaluator import evaluate
from resources.models.packing import WindowBatch, batches
from resources.settings import Settings

WARMUP_FRACTION = 0.05
WEIGHT_DECAY = 0.1
BETAS = (0.9, 0.95)
MAX_GRADIENT_NORM = 1.0
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
        progress: TokenCallback | None = None,
    ) -> TrainingResult:
        """Train a new model on exactly `training.tokens` tokens.

        Parameters
        ----------
        documents : token ids of each visit of a schedule, in order, <|bos|> first; read as a stream
        seed : of the initial weights; nothing else is drawn
        progress : called after each step with the total number of tokens done

        Raises
        ------
        SettingError : the documents do not hold `training.tokens` tokens.
        EvaluationError : the loss is not finite.

        Notes
        -----
        AdamW with linear warmup and cosine decay to 0, gradients clipped to length 1. The same
        documents, settings, seed and `training.threads` give the same losses on the same processor and
        versions. Safe to call from several threads at a time.
        """
        config = self.config(vocabulary_size)
        with language_model.deterministic(self.settings.training.threads):
            model = language_model.new_model(config["model"], seed)
            init = language_model.digest(language_model.weights_of(model))
            begun = time.perf_counter()
            steps = list(_steps(model, self._batches(documents), config, progress))
            wall_seconds = time.perf_counter() - begun
        if not steps:
            raise SettingError(
                f"training.tokens={self.settings.training.tokens} hold nothing to predict: every document "
                "is its <|bos|> alone"
            )
        numbers, tokens, losses = zip(*steps, strict=True)
        return TrainingResult(
            weights=language_model.weights_of(model),
            init=init,
            config=config,
            steps=np.array(numbers, np.int64),
            step_tokens=np.array(tokens, np.int64),
            losses=np.array(losses, np.float64),
            wall_seconds=wall_seconds,
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

    def evaluate(
        self,
        weights: bytes,
        config: dict[str, Any],
        documents: Iterable[NDArray[np.int32]],
        progress: TokenCallback | None = None,
    ) -> NDArray[np.float64]:
        """Score documents, float64[n] nats each; see `resources.models.evaluator`."""
        return evaluate(weights, config, documents, progress, threads=self.settings.training.threads)


def _steps(
    model: Any,
    stream: Iterator[WindowBatch],
    config: dict[str, Any],
    progress: TokenCallback | None,
) -> Iterator[tuple[int, int, float]]:
    """Run the optimizer's steps; yield (step, tokens so far, loss)."""
    import torch

    n_steps = -(-config["tokens"] // (config["window_tokens"] * config["batch_windows"]))
    optimizer = _optimizer(model, config["weight_decay"])
    done = 0
    model.train()
    for step, batch in enumerate(stream):
        done += batch.n_tokens
        if batch.n_targets:
            for group in optimizer.param_groups:
                group["lr"] = config["learning_rate"] * learning_rate_share(step, n_steps)
            optimizer.zero_grad()
            loss = _add_gradients(model, batch, config["precision"])
            if not math.isfinite(loss):
                raise EvaluationError(
                    f"the training loss is {loss} at step {step} of {n_steps} with "
                    f"training.learning_rate={config['learning_rate']}; lower it"
                )
            torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_GRADIENT_NORM)
            optimizer.step()
            yield step, done, loss
        if progress is not None:
            progress(done)


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


def _optimizer(model: Any, weight_decay: float) -> Any:
    """Build AdamW; matrices decay, gains do not."""
    import torch

    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, betas=BETAS, fused=True)


def learning_rate_share(step: int, n_steps: int) -> float:
    """Scale the peak learning rate: up in a line, then down along a cosine to 0 after the last step.

    Examples
    --------
    >>> [round(learning_rate_share(step, 40), 3) for step in (0, 1, 2, 21, 39)]
    [0.5, 1.0, 1.0, 0.5, 0.002]
    """
    n_warmup = max(1, round(WARMUP_FRACTION * n_steps))
    if step < n_warmup:
        return (step + 1) / n_warmup
    return (1 + math.cos(math.pi * (step - n_warmup) / max(1, n_steps - n_warmup))) / 2

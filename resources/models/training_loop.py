"""The steps of one training: updates, saved states, and points of the learning curve on the way."""

import itertools
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

from guyot.errors import EvaluationError
from resources.models import hardware, language_model, training_state
from resources.models.learning_curve import LearningCurve
from resources.models.optimizer import MAX_GRADIENT_NORM, learning_rate_share, new_optimizer
from resources.models.packing import WindowBatch
from resources.models.training_state import Progress, SavedStates

# what fits the processor's cache: a quarter faster than 16 windows at once
CPU_WINDOWS_AT_ONCE = 4
TokenCallback = Callable[[int], None]


class TrainingLoop:
    """The optimizer's steps of one training."""

    def __init__(
        self, model: Any, config: dict[str, Any], init: str, threads: int, curve: LearningCurve
    ) -> None:
        self._model, self._config, self._curve = model, config, curve
        self._optimizer = new_optimizer(model, config["weight_decay"])
        self._identity = training_state.identity(config, init, threads, curve.digest)
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
        self._add_point(done)
        for step, batch in enumerate(itertools.islice(stream, done.batches, None), done.batches):
            done.batches, done.tokens = step + 1, done.tokens + batch.n_tokens
            if batch.n_targets:
                done.steps.append((step, done.tokens, self._step(step, batch)))
            self._add_point(done)
            done.seconds = before + time.perf_counter() - begun
            if saved and done.batches % save_every == 0 and done.batches < self._n_steps:
                state = training_state.pack(self._model, self._optimizer, done, self._identity)
                saved.save(done.batches, state)
            if progress is not None:
                progress(done.tokens)
        return done

    def _add_point(self, done: Progress) -> None:
        """Evaluate the model where a point is due; before a state is saved, so that this has it."""
        last = done.points[-1][0] if done.points else None
        if self._curve.is_due(last, done.tokens, self._config["tokens"]):
            done.points.append((done.tokens, self._curve.nats(self._model, self._config)))

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

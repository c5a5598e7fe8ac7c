"""The steps of one training: updates, saved states, and points of the learning curve on the way.

What is read and what it costs is the caller's: texts are counted in tokens, images each as one.
"""

import itertools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from guyot.errors import EvaluationError
from resources.models import training_state
from resources.models.optimizer import MAX_GRADIENT_NORM, learning_rate_share, new_optimizer
from resources.models.training_state import Progress, SavedStates

ProgressCallback = Callable[[int], None]


class Batch(Protocol):
    """What one step reads."""

    @property
    def n_tokens(self) -> int:
        """Count what of the budget it takes: tokens, or images."""
        ...

    @property
    def n_targets(self) -> int:
        """Count what has a loss; a step without any is left out."""
        ...


class Curve(Protocol):
    """What a model is evaluated on while it is trained, and how often."""

    @property
    def digest(self) -> str:
        """A hash of both."""
        ...

    def is_due(self, last: int | None, done: int, budget: int) -> bool:
        """Return whether a point lies between two parts of the budget, see `learning_curve.is_due`."""
        ...

    def nats(self, model: Any, config: dict[str, Any]) -> float:
        """Score what it is of by a model that is being trained, and leave it as it is."""
        ...


B = TypeVar("B", bound=Batch)


@dataclass(frozen=True)
class Steps(Generic[B]):
    """How a budget is spent.

    budget : tokens, or images, of the whole training
    per_step : of a full batch
    add_gradients : adds up the gradients of a batch's mean loss in a model, and returns the loss
    """

    budget: int
    per_step: int
    add_gradients: Callable[[Any, B], float]

    @property
    def n_steps(self) -> int:
        """Count the batches, the last one in part."""
        return -(-self.budget // self.per_step)


class TrainingLoop(Generic[B]):
    """The optimizer's steps of one training.

    config : all that determines it beside what is read; `learning_rate` and `weight_decay` are used
    init : a digest of the initial weights
    """

    def __init__(
        self, model: Any, config: dict[str, Any], init: str, threads: int, curve: Curve, steps: Steps[B]
    ) -> None:
        self._model, self._config, self._curve, self._steps = model, config, curve, steps
        self._optimizer = new_optimizer(model, config["weight_decay"])
        self._identity = training_state.identity(config, init, threads, curve.digest)
        self._n_steps = steps.n_steps

    def run(
        self,
        stream: Iterator[B],
        saved: SavedStates | None,
        save_every: int,
        progress: ProgressCallback | None,
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
        if self._curve.is_due(last, done.tokens, self._steps.budget):
            done.points.append((done.tokens, self._curve.nats(self._model, self._config)))

    def _step(self, step: int, batch: B) -> float:
        """Update the weights by a batch; return the loss before."""
        import torch

        for group in self._optimizer.param_groups:
            group["lr"] = self._config["learning_rate"] * learning_rate_share(step, self._n_steps)
        self._optimizer.zero_grad()
        loss = self._steps.add_gradients(self._model, batch)
        if not math.isfinite(loss):
            raise EvaluationError(
                f"the training loss is {loss} at step {step} of {self._n_steps} with "
                f"training.learning_rate={self._config['learning_rate']}; lower it"
            )
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), MAX_GRADIENT_NORM)
        self._optimizer.step()
        return loss

"""The loop: points of the curve on the way change nothing else, and a killed training has the same ones."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from support.training_states import Killed, States

from resources.models import language_model, reproducibility
from resources.models.evaluator import evaluate
from resources.models.learning_curve import LearningCurve
from resources.models.packing import WindowBatch, batches
from resources.models.trainer import Trainer, steps_of
from resources.models.training_loop import TrainingLoop
from resources.models.training_state import Progress
from resources.settings import Settings

BUDGET = 1100
SETTINGS = Settings.of(
    training__tokens=BUDGET, training__model_width=16, training__model_layers=1, training__model_heads=2,
    training__window_tokens=16, training__batch_windows=4, training__learning_rate=1e-2,
)  # fmt: skip
CONFIG = {**Trainer(settings=SETTINGS).config(300), "precision": "float32"}
CURVE = LearningCurve([np.arange(5, 5 + n, dtype=np.int32) for n in (20, 9, 40)], 4)


def stream() -> Iterator[WindowBatch]:
    draw = np.random.Generator(np.random.PCG64(0))
    return batches([draw.integers(0, 40, BUDGET).astype(np.int32)], 16, 4)


def run(curve: LearningCurve, saved: States | None = None, progress: Any = None) -> tuple[Progress, bytes]:
    model = language_model.new_model(CONFIG["model"], 0)
    with reproducibility.deterministic(1):
        loop = TrainingLoop(model, CONFIG, "init", 1, curve, steps_of(CONFIG))
        done = loop.run(stream(), saved, 3, progress)
    return done, language_model.weights_of(model)


def test_points_are_evenly_spaced_and_the_last_one_is_of_the_final_weights() -> None:
    done, weights = run(CURVE)
    assert [tokens for tokens, _ in done.points] == [0, 320, 576, 832, 1100]  # steps of 64 tokens
    first = evaluate(
        language_model.weights_of(language_model.new_model(CONFIG["model"], 0)), CONFIG, CURVE.documents
    )
    last = evaluate(weights, CONFIG, CURVE.documents)
    assert [done.points[0][1], done.points[-1][1]] == pytest.approx([first.sum(), last.sum()], rel=1e-9)
    assert len({nats for _, nats in done.points}) == 5


def test_a_curve_changes_no_bit_of_the_training() -> None:
    (with_points, weights), (without, same) = run(CURVE), run(LearningCurve([], 4))
    assert not without.points
    assert weights == same
    assert with_points.steps == without.steps


@pytest.mark.parametrize("killed_at", [64, 320, 576, 900, 1090])
def test_a_killed_training_has_the_points_of_one_that_was_not(killed_at: int) -> None:
    def kill(done: int) -> None:
        if done >= killed_at:
            raise Killed

    undisturbed, weights = run(CURVE)
    states = States()
    with pytest.raises(Killed):
        run(CURVE, states, kill)
    evaluated: list[int] = []
    resumed, same = run(CURVE, states, evaluated.append)
    assert resumed.points == undisturbed.points
    assert (same, resumed.steps) == (weights, undisturbed.steps)
    assert len(evaluated) < 18 or killed_at < 3 * 64, "it went on, and did not begin anew"


def test_a_state_of_a_training_with_another_curve_is_left_alone() -> None:
    states = States()
    run(LearningCurve(CURVE.documents, 2), states)
    done, _ = run(CURVE, states)
    assert [tokens for tokens, _ in done.points] == [0, 320, 576, 832, 1100]

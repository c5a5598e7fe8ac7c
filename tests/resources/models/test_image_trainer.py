"""Trainings on images: they learn, are repeatable, and go on after a kill as if nothing had been."""

from typing import Any

import numpy as np
import pytest
from support.image_examples import examples, outputs, settings
from support.training_states import Killed, States

from guyot.errors import EvaluationError, SettingError
from resources.models import image_evaluator, image_network
from resources.models.image_evaluator import ImageLearningCurve
from resources.models.image_trainer import ImageTrainer
from resources.models.reproducibility import digest
from resources.models.trainer import TrainingResult

ROWS = np.random.Generator(np.random.PCG64(0)).integers(0, 30, 120)
each_objective = pytest.mark.parametrize("objective", ["contrastive", "label"])


def train(objective: str, seed: int = 0, **given: Any) -> TrainingResult:
    curve = ImageLearningCurve(examples(9, objective, 1), 3)
    return ImageTrainer(settings=settings()).train(
        examples(30, objective), ROWS, objective=objective, n_outputs=outputs(objective), seed=seed,
        curve=curve, **given,
    )  # fmt: skip


@each_objective
def test_it_learns_what_it_is_told_and_the_curve_ends_at_what_the_weights_pay(objective: str) -> None:
    result = train(objective)
    assert result.tokens == 120
    assert result.steps.tolist() == list(range(15))
    assert result.step_tokens.tolist() == list(range(8, 121, 8))
    assert result.curve_tokens.tolist() == [0, 40, 80, 120]
    held_out = examples(9, objective, 1)
    last = image_evaluator.evaluate(result.weights, result.config, held_out)
    assert last.is_right.all()
    assert result.curve_nats[-1] == pytest.approx(last.nats.sum(), rel=0.05, abs=0.05)
    assert result.curve_nats[-1] < 0.5 * result.curve_nats[0]


@each_objective
def test_a_seed_gives_the_same_bytes_and_another_seed_others(objective: str) -> None:
    one = train(objective)
    assert train(objective).weights == one.weights
    other = train(objective, 1)
    assert (other.init, other.weights) != (one.init, one.weights)
    model = image_network.new_model(one.config["model"], 0)
    assert one.init == digest(image_network.weights_of(model))


@pytest.mark.parametrize("killed_at", [8, 48, 80, 119])
def test_a_killed_training_ends_at_the_bytes_of_one_that_was_not(killed_at: int) -> None:
    def kill(done: int) -> None:
        if done >= killed_at:
            raise Killed

    states, undisturbed = States(), train("contrastive")
    with pytest.raises(Killed):
        train("contrastive", saved=states, progress=kill)
    went_on: list[int] = []
    resumed = train("contrastive", saved=states, progress=went_on.append)
    assert resumed.weights == undisturbed.weights
    for name in ("losses", "step_tokens", "curve_tokens", "curve_nats"):
        assert np.array_equal(getattr(resumed, name), getattr(undisturbed, name)), name
    assert len(went_on) < 15 or killed_at < 24, "it went on, and did not begin anew"


def test_it_begins_with_the_weights_that_it_is_given() -> None:
    first = train("label")
    again = train("label", seed=9, initial=first.weights)
    assert again.init == digest(first.weights)
    assert again.losses[0] < first.losses[0]


def test_another_number_of_images_than_the_budget_is_refused() -> None:
    with pytest.raises(SettingError, match="training.images=120, but 7 images are scheduled"):
        ImageTrainer(settings=settings()).train(
            examples(7, "label"), np.arange(7), objective="label", n_outputs=3, seed=0
        )


def test_a_training_that_diverges_is_refused() -> None:
    given = settings().changed(training__learning_rate=1e30)
    with pytest.raises(EvaluationError, match="the training loss is nan"):
        ImageTrainer(settings=given).train(
            examples(30, "label"), ROWS, objective="label", n_outputs=3, seed=0
        )

"""Scores of images: of classes, and of the own caption among the different ones."""

import math

import numpy as np
import pytest
import torch
from support.image_examples import examples, outputs, settings

from guyot.errors import EvaluationError
from resources.models import image_evaluator, image_network
from resources.models.image_evaluator import ImageLearningCurve
from resources.models.image_examples import ImageExamples
from resources.models.image_trainer import ImageTrainer

CONFIGS = {
    objective: {
        **ImageTrainer(settings=settings()).config(objective, outputs(objective)),
        "precision": "float32",
    }
    for objective in ("contrastive", "label")
}


def weights(objective: str, seed: int = 0) -> bytes:
    return image_network.weights_of(image_network.new_model(CONFIGS[objective]["model"], seed))


def logits(objective: str, seed: int, every: ImageExamples) -> np.ndarray:
    """Compute the logits of all images for all different targets, in float64."""
    model = image_network.load_model(CONFIGS[objective]["model"], weights(objective, seed))
    with torch.inference_mode():
        found = image_network.image_outputs(model, every, "float32").double().numpy()
        if objective == "label":
            return found
        different = [np.array([5, 6 + number], np.int32) for number in range(3)]
        captions = image_network.caption_vectors(model, different).double().numpy()
    return found @ captions.T / 0.07


@pytest.mark.parametrize("objective", ["contrastive", "label"])
def test_an_image_costs_minus_the_log_of_its_share_among_the_different_targets(objective: str) -> None:
    every = examples(70, objective)  # more than are scored at once
    found = image_evaluator.evaluate(weights(objective), CONFIGS[objective], every)
    computed = logits(objective, 0, every)
    shares = np.exp(computed) / np.exp(computed).sum(axis=1, keepdims=True)
    own = np.arange(70) % 3
    assert found.nats == pytest.approx(-np.log(shares[np.arange(70), own]), rel=1e-4)
    assert found.is_right.tolist() == (computed.argmax(axis=1) == own).tolist()
    part = image_evaluator.evaluate(weights(objective), CONFIGS[objective], every.take(slice(6)))
    assert part.nats == pytest.approx(found.nats[:6], rel=1e-5), "the three captions are among them too"
    order = np.array([0, 3, 6, 1, 5])  # the first three have one target
    mixed = image_evaluator.evaluate(weights(objective), CONFIGS[objective], every.take(order))
    assert mixed.nats == pytest.approx(found.nats[order], rel=1e-5)


@pytest.mark.parametrize("objective", ["contrastive", "label"])
def test_an_ensemble_is_the_mean_of_probabilities(objective: str) -> None:
    every = examples(6, objective)
    models = [weights(objective, seed) for seed in (0, 1)]
    alone = [image_evaluator.evaluate(one, CONFIGS[objective], every).nats for one in models]
    found = image_evaluator.ensemble_nats(models, CONFIGS[objective], every)
    assert found == pytest.approx(-np.log((np.exp(-alone[0]) + np.exp(-alone[1])) / 2))


def test_nothing_to_evaluate_and_captions_that_are_all_the_same_are_refused() -> None:
    every = examples(4, "contrastive")
    same = ImageExamples(every.pixels, [every.targets[0]] * 4)
    with pytest.raises(EvaluationError, match="4 held-out images have 1 caption between them"):
        image_evaluator.evaluate(weights("contrastive"), CONFIGS["contrastive"], same)
    with pytest.raises(EvaluationError, match="0 images were to be evaluated"):
        image_evaluator.evaluate(weights("label"), CONFIGS["label"], examples(0, "label"))


def test_a_score_that_is_not_finite_is_refused() -> None:
    model = image_network.new_model(CONFIGS["label"]["model"], 0)
    next(model.parameters()).data.fill_(math.nan)
    with pytest.raises(EvaluationError, match="4 of 4 images have no finite score"):
        image_evaluator.evaluate(image_network.weights_of(model), CONFIGS["label"], examples(4, "label"))


def test_a_curve_is_due_by_images_and_not_without_some() -> None:
    curve = ImageLearningCurve(examples(4, "label"), 2)
    assert [curve.is_due(*place, 10) for place in ((None, 0), (0, 4), (0, 5))] == [True, False, True]
    assert not ImageLearningCurve(examples(0, "label"), 2).is_due(None, 0, 10)
    assert curve.digest != ImageLearningCurve(examples(4, "label"), 3).digest
    model = image_network.new_model(CONFIGS["label"]["model"], 0)
    alone = image_evaluator.evaluate(weights("label"), CONFIGS["label"], curve.examples)
    assert curve.nats(model, CONFIGS["label"]) == pytest.approx(alone.nats.sum())

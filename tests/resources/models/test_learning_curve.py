"""The learning curve: points where they are due, and a model that is left as it is."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resources.models import language_model
from resources.models.evaluator import evaluate
from resources.models.learning_curve import LearningCurve
from resources.settings import Settings

SETTINGS = Settings.of(
    training__model_width=16, training__model_layers=1, training__model_heads=2, training__window_tokens=8
)
SHAPE = language_model.shape(SETTINGS, 50)
CONFIG = {"model": SHAPE, "window_tokens": 8, "precision": "float32"}
DOCUMENTS = [np.arange(n, dtype=np.int32) for n in (3, 20, 9)]


@given(st.integers(1, 12), st.integers(1, 500), st.lists(st.integers(1, 90), min_size=1, max_size=40))
def test_each_point_is_at_the_first_step_that_has_read_its_share(
    n_points: int, beyond: int, steps: list[int]
) -> None:
    budget = sum(steps)
    curve = LearningCurve(DOCUMENTS, n_points)
    ends = [0, *np.cumsum(steps).tolist()]
    found: list[int] = []
    for done in ends:
        if curve.is_due(found[-1] if found else None, done, budget):
            found.append(done)
    shares = [i * budget / n_points for i in range(n_points + 1)]
    assert found == sorted({min(end for end in ends if end >= share - 1e-9) for share in shares})
    assert found[-1] == budget


def test_nothing_is_due_without_documents_or_points() -> None:
    for curve in (LearningCurve([], 8), LearningCurve(DOCUMENTS, 0)):
        assert not curve.is_due(None, 0, 10)
        assert not curve.is_due(0, 10, 10)


def test_the_digest_is_of_the_documents_and_the_points() -> None:
    same = LearningCurve([document.copy() for document in DOCUMENTS], 8)
    assert LearningCurve(DOCUMENTS, 8).digest == same.digest
    others = [LearningCurve(DOCUMENTS, 9), LearningCurve(DOCUMENTS[:2], 8), LearningCurve(DOCUMENTS[::-1], 8)]
    assert len({same.digest, *(other.digest for other in others)}) == 4


def test_a_point_is_the_evaluation_of_the_weights_as_they_are() -> None:
    model = language_model.new_model(SHAPE, 0).train()
    weights, state = language_model.weights_of(model), torch.random.get_rng_state()
    found = LearningCurve(DOCUMENTS, 1).nats(model, CONFIG)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert language_model.weights_of(model) == weights
    assert found == pytest.approx(evaluate(weights, CONFIG, DOCUMENTS).sum(), rel=1e-9)
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())

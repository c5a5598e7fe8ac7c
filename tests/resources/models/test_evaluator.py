"""Evaluation: the formula by hand, every token once, and no score where there is none."""

import math

import numpy as np
import pytest
import torch

from guyot.errors import EvaluationError
from resources.models import language_model
from resources.models.evaluator import evaluate
from resources.settings import Settings

SETTINGS = Settings.of(
    training__model_width=16, training__model_layers=1, training__model_heads=2, training__window_tokens=8
)
SHAPE = language_model.shape(SETTINGS, 50)
CONFIG = {"model": SHAPE, "window_tokens": 8}


def _weights() -> bytes:
    return language_model.weights_of(language_model.new_model(SHAPE, 0))


def _documents(sizes: list[int]) -> list[np.ndarray]:
    stream = np.random.Generator(np.random.PCG64(0))
    return [stream.integers(0, 50, size).astype(np.int32) for size in sizes]


def test_a_model_that_knows_nothing_pays_the_same_for_each_token() -> None:
    model = language_model.new_model(SHAPE, 0)
    with torch.no_grad():
        model.lm_head.weight.zero_()
    nats = evaluate(language_model.weights_of(model), CONFIG, _documents([1, 2, 9, 20]))
    assert nats.dtype == np.float64
    # the <|bos|> is given, all others are predicted, across windows too
    assert nats == pytest.approx(np.array([0, 1, 8, 19]) * math.log(50), rel=1e-6)


def test_scores_are_those_of_a_plain_forward_pass_per_window() -> None:
    (document,) = _documents([13])
    model = language_model.load_model(SHAPE, _weights()).eval()
    expected = 0.0
    with torch.inference_mode():
        for begin in (0, 8):
            inputs = torch.from_numpy(document[begin : begin + 8].astype(np.int64))
            targets = document[begin + 1 : begin + 9]
            scores = model(input_ids=inputs[None]).logits[0].double().log_softmax(dim=1)
            expected -= float(scores[range(len(targets)), targets.tolist()].sum())
    assert evaluate(_weights(), CONFIG, [document])[0] == pytest.approx(expected, rel=1e-5)


def test_a_score_does_not_depend_on_the_other_documents() -> None:
    documents = _documents([5, 30, 8, 9, 17, 3, 40, 2, 21])
    together = evaluate(_weights(), CONFIG, documents)
    alone = [evaluate(_weights(), CONFIG, [document])[0] for document in documents]
    assert together == pytest.approx(np.array(alone), rel=1e-5)
    assert together.tolist() == evaluate(_weights(), CONFIG, documents).tolist()


def test_progress_ends_at_all_tokens() -> None:
    told: list[int] = []
    evaluate(_weights(), CONFIG, _documents([5, 80, 8]), told.append)
    assert told == sorted(told)
    assert told[-1] == 93


def test_what_has_no_tokens_is_refused() -> None:
    with pytest.raises(EvaluationError, match="0 of 0 documents"):
        evaluate(_weights(), CONFIG, [])
    with pytest.raises(EvaluationError, match="1 of 2 documents have no tokens"):
        evaluate(_weights(), CONFIG, _documents([3, 0]))


def test_a_score_that_is_not_finite_is_an_error() -> None:
    model = language_model.new_model(SHAPE, 0)
    with torch.no_grad():
        model.model.embed_tokens.weight[7] = float("nan")
    weights = language_model.weights_of(model)
    with pytest.raises(EvaluationError, match="have no finite score"):
        evaluate(weights, CONFIG, [np.array([0, 7, 3], np.int32)])

"""Ridge regression against numpy's least squares."""

import numpy as np

from guyot.audit.maps.linear import ridge_answers
from guyot.seeds import generator


def test_answers_are_those_of_least_squares_but_for_the_small_penalty() -> None:
    stream = generator(0, "ridge")
    features = (stream.standard_normal((500, 6)) * [1, 10, 0.1, 1, 1, 1] + 3).astype(np.float32)
    targets = features @ stream.standard_normal((6, 2)) + stream.standard_normal((500, 2))
    asked = features[:20]
    wide = np.column_stack([features, np.ones(500)])
    weights = np.linalg.lstsq(wide, targets, rcond=None)[0]
    expected = np.column_stack([asked, np.ones(20)]) @ weights
    assert np.abs(ridge_answers(features, targets, asked) - expected).max() < 0.01 * targets.std()


def test_features_that_do_not_change_do_no_harm() -> None:
    features = np.zeros((10, 3), np.float32)
    features[:, 1] = np.arange(10)
    answers = ridge_answers(features, np.arange(10.0)[:, None], features)
    assert np.allclose(answers[:, 0], np.arange(10), atol=0.02)

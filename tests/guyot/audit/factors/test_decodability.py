"""A linear model reads what was planted and nothing else, and its predictions are scikit-learn's."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from guyot.audit.factors.decodability import (
    BALANCED_ACCURACY,
    FOLDS,
    R_SQUARED,
    RIDGE,
    _out_of_fold,
    decodability,
)
from guyot.audit.factors.factor import Factor, factor_of
from guyot.seeds import generator

N, WIDTH = 240, 12


def planted() -> tuple[NDArray[np.float32], list[Factor]]:
    """Return vectors in which shape dominates, yaw lies in one direction, and nothing tells the name."""
    draw = generator(0, "planted")
    shape, name = draw.integers(0, 4, N), draw.integers(0, 3, N)
    yaw = np.rint(draw.uniform(0, 90, N))
    vectors = draw.standard_normal((N, WIDTH)) * 0.2
    vectors[:, :4] += 2 * np.eye(4)[shape]
    vectors[:, 4] += yaw / 45
    factors = [
        factor_of("shape", [f"s{i}" for i in shape]), factor_of("yaw", [float(value) for value in yaw]),
        factor_of("name", [f"n{i}" for i in name]),
    ]  # fmt: skip
    return vectors.astype(np.float32), factors


def test_what_was_planted_is_read_and_the_rest_is_at_chance() -> None:
    vectors, factors = planted()
    shape, yaw, name = decodability(vectors, factors, np.arange(N), seed=0, draws=100)
    assert (shape.measure, shape.chance, shape.levels) == (BALANCED_ACCURACY, 0.25, 4)
    assert shape.score.value > 0.97
    assert 0.1 < shape.control < 0.4
    assert (yaw.measure, yaw.chance) == (R_SQUARED, 0.0)
    assert yaw.score.value > 0.85
    assert yaw.control < 0.05
    assert name.score.low < 1 / 3 < name.score.high
    assert shape.score.low <= shape.score.value <= shape.score.high
    again = decodability(vectors, factors, np.arange(N), seed=0, draws=100)
    assert again == [shape, yaw, name], "the same seed gives the same"


def test_copies_do_not_leak_across_folds() -> None:
    draw = generator(0, "copies")
    points = np.repeat(draw.standard_normal((40, 60)), 6, axis=0).astype(np.float32)
    label = factor_of("label", [f"{i}" for i in np.repeat(draw.integers(0, 2, 40), 6)])
    leaky = decodability(points, [label], np.arange(N), seed=0, draws=9)[0]
    grouped = decodability(points, [label], np.repeat(np.arange(40), 6), seed=0, draws=9)[0]
    assert leaky.score.value > 0.95, "a copy of each document was fitted to"
    assert grouped.score.value < 0.75


def test_predictions_are_ridge_regressions_of_the_other_folds() -> None:
    vectors, _ = planted()
    targets = generator(0, "targets").standard_normal((N, 2))
    fold = np.arange(N) % FOLDS
    found = _out_of_fold(vectors, targets, fold)
    for number in range(FOLDS):
        train, test = vectors[fold != number].astype(np.float64), vectors[fold == number].astype(np.float64)
        centred = train - train.mean(axis=0)
        alpha = RIDGE * (centred**2).sum() / WIDTH
        expected = Ridge(alpha=alpha).fit(train, targets[fold != number]).predict(test)
        assert found[fold == number] == pytest.approx(expected, abs=1e-9)


def test_rare_levels_count_as_much_as_frequent_ones() -> None:
    draw = generator(0, "rare")
    rare = np.arange(N) < 24
    points = draw.standard_normal((N, 3)).astype(np.float32)
    points[rare, 0] += 2.5
    found = decodability(points, [factor_of("f", rare.astype(str).tolist())], np.arange(N), seed=0, draws=9)
    assert found[0].score.value > 0.7, "whoever says no to all has 0.5"


def test_levels_of_few_groups_are_left_out_and_documents_without_a_level_too() -> None:
    vectors, _ = planted()
    values = ["a", "b"] * (N // 2)
    values[0] = "once"
    known = factor_of("f", [None if i % 7 == 3 else value for i, value in enumerate(values)])
    found = decodability(vectors, [known], np.arange(N), seed=0, draws=9)
    assert (found[0].levels, found[0].score.n) == (2, sum(level >= 0 for level in known.level) - 1)
    alone = factor_of("g", values)
    assert decodability(vectors, [alone], np.zeros(N, np.int64), seed=0, draws=9) == []
    many = factor_of("h", [float(i) for i in range(N)])
    assert decodability(vectors, [many], np.arange(N) // 60, seed=0, draws=9) == []

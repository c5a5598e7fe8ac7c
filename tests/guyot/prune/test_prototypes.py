"""Prototypes: hard and easy by hand; clustering again looks at the survivors alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.cut import PruneRequest, take
from guyot.errors import SettingError
from guyot.prune.prototypes import Prototypes, prototypes_scores
from guyot.seeds import generator


def test_hard_keeps_the_far_and_easy_the_near() -> None:
    distance = np.array([0.25, 0.75], np.float32)
    assert prototypes_scores(distance, Prototypes()).values.tolist() == [0.25, 0.75]
    assert prototypes_scores(distance, Prototypes(keep="easy")).values.tolist() == [-0.25, -0.75]


def balanced(distance: np.ndarray, group: np.ndarray, target: int, fraction: float) -> np.ndarray:
    asked = PruneRequest(np.ones(len(group), np.int64), np.ones(len(group), bool), target)
    step = Prototypes(balance="kind", balance_fraction=fraction)
    scores = prototypes_scores(distance, step, group, asked)
    return take(scores, asked.weights, asked.alive, target)


def test_a_balance_by_hand() -> None:
    distance = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.1, 0.2], np.float32)
    group = np.array([0, 0, 0, 0, 0, 1, 1], np.int32)
    assert np.flatnonzero(balanced(distance, group, 4, 0)).tolist() == [0, 1, 2, 3]
    assert np.flatnonzero(balanced(distance, group, 4, 0.5)).tolist() == [0, 1, 2, 6]
    assert np.flatnonzero(balanced(distance, group, 4, 1)).tolist() == [0, 1, 5, 6]


@given(st.integers(0, 20), st.integers(1, 60), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_a_balance_is_that_of_a_naive_fill(seed: int, target: int, fraction: float) -> None:
    draw = generator(seed, "balance")
    distance, group = draw.uniform(size=60).astype(np.float32), draw.integers(0, 4, 60).astype(np.int32)
    least = int(fraction * target) // len(set(group.tolist()))
    order = sorted(range(60), key=lambda i: (-distance[i], i))
    chosen = {i for g in range(4) for i in [j for j in order if group[j] == g][:least]}
    for i in order:
        if len(chosen) < target:
            chosen.add(i)
    assert set(np.flatnonzero(balanced(distance, group, target, fraction)).tolist()) == chosen


def test_settings_without_a_meaning_are_refused() -> None:
    with pytest.raises(SettingError, match="n_clusters=7 without recluster"):
        Prototypes(n_clusters=7)
    with pytest.raises(SettingError, match="balance_fraction=2"):
        Prototypes(balance="kind", balance_fraction=2)

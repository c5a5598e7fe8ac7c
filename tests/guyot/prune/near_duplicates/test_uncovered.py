"""Uncovered documents, counted against all cosines."""

import numpy as np
import pytest
from support.corpus import Lists, some_units

from guyot.prune.near_duplicates import pairs
from guyot.prune.near_duplicates.uncovered import count_uncovered
from guyot.seeds import generator


def test_uncovered_ones_are_counted_among_all_kept() -> None:
    vectors = some_units(30, 3, 5)
    distance = generator(0, "d").uniform(size=30).astype(np.float32)
    dropped = generator(1, "d").uniform(size=30) < 0.5
    wide = vectors.astype(np.float64)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    similarity = wide @ wide.T
    nobody = np.where(dropped, np.flatnonzero(dropped)[0], 0)
    expected = sum(not (similarity[i, ~dropped] > 0.8).any() for i in np.flatnonzero(dropped))
    assert count_uncovered(Lists(vectors, distance), dropped, ~dropped, nobody, 0.8) == expected > 0


def test_any_number_of_near_pairs_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "MAX_PAIRS", 1)  # what a recipe may hold is no limit of an accounting figure
    vectors = np.repeat(some_units(1, 4), 20, axis=0)
    dropped = np.arange(20) > 9
    lists = Lists(vectors, np.zeros(20, np.float32))
    assert count_uncovered(lists, dropped, ~dropped, np.full(20, 10), 0.8) == 0
    assert count_uncovered(lists, dropped, np.zeros(20, bool), np.full(20, 10), 0.8) == 10

"""Recall and precision of planted duplicates, against naive counting."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.audit.corruption_sensitivity import wilson
from guyot.audit.duplicate_truth import EVERY, finds, kept_shares
from guyot.seeds import generator

FAMILIES = ("near", "far", "none")


@given(st.integers(0, 40), st.floats(0, 1))
def test_counts_are_naive_ones(seed: int, limit: float) -> None:
    draw = generator(seed, "truth")
    family = np.concatenate([np.full(4, -1), draw.integers(0, 2, 6)])
    original = np.concatenate([np.arange(4), draw.integers(0, 4, 6)])
    pairs = [pair for pair in itertools.combinations(range(10), 2) if draw.uniform() < 0.8]
    one, other = np.array(pairs).T
    similarity = draw.uniform(size=len(pairs))
    told = {f.family: f for f in finds(similarity, one, other, original, family, FAMILIES, (limit,))}
    hits = [pair for pair, value in zip(pairs, similarity, strict=True) if value >= limit]
    for number, name in enumerate(FAMILIES):
        planted = [i for i in range(10) if family[i] == number]
        found = sum((original[i], i) in hits for i in planted)
        assert (name in told) == bool(planted)
        if planted:
            assert told[name].recall == wilson(found, len(planted))
    rightly = sum(original[a] == original[b] for a, b in hits)
    assert told[EVERY].found == len(hits)
    assert told[EVERY].precision == pytest.approx(rightly / len(hits) if hits else np.nan, nan_ok=True)


def test_what_stays_at_each_limit() -> None:
    assert kept_shares(np.array([0.9, np.nan, 0.5, 0.9]), (0.4, 0.9, 0.95)) == [0.25, 0.5, 1.0]
    assert np.isnan(kept_shares(np.zeros(0), (0.5,))).all()

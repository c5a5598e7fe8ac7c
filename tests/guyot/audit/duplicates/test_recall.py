"""Recall and precision of planted duplicates, against naive counting."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.near_ties import near_ties

from guyot.audit.duplicates.recall import EVERY, close_pairs, kept_shares, recall_at, similar_vectors
from guyot.seeds import generator
from guyot.stats import wilson
from guyot.vectors.exact import cosines

FAMILIES = ("near", "far", "none")


@given(st.integers(0, 40), st.floats(0, 1))
def test_counts_are_naive_ones(seed: int, limit: float) -> None:
    draw = generator(seed, "truth")
    family = np.concatenate([np.full(4, -1), draw.integers(0, 2, 6)])
    original = np.concatenate([np.arange(4), draw.integers(0, 4, 6)])
    pairs = [pair for pair in itertools.combinations(range(10), 2) if draw.uniform() < 0.8]
    one, other = np.array(pairs).T
    similarity = draw.uniform(size=len(pairs))
    told = {f.family: f for f in recall_at(similarity, one, other, original, family, FAMILIES, (limit,))}
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


@given(st.integers(0, 12), st.integers(1, 5), st.floats(0, 1))
def test_close_pairs_in_any_blocks_are_all_of_them(n: int, block_rows: int, least: float) -> None:
    similarity = generator(n, "close").uniform(size=(n, n)).astype(np.float32)
    one, other, values = close_pairs(lambda rows: similarity[rows], n, least, block_rows)
    wanted = [
        (i, j, float(similarity[i, j]))
        for i in range(n)
        for j in range(i + 1, n)
        if similarity[i, j] >= least
    ]
    assert list(zip(one.tolist(), other.tolist(), values.tolist(), strict=True)) == wanted


def test_what_stays_at_each_limit() -> None:
    assert kept_shares(np.array([0.9, np.nan, 0.5, 0.9]), (0.4, 0.9, 0.95)) == [0.25, 0.5, 1.0]
    assert np.isnan(kept_shares(np.zeros(0), (0.5,))).all()


@given(st.integers(0, 60), st.integers(0, 9), st.sampled_from([-1.0, 0.3, 1.0]))
def test_similar_vectors_are_those_of_all_pairs(n: int, seed: int, least: float) -> None:
    vectors = near_ties(n, 8, seed)
    naive = close_pairs(lambda rows: cosines(vectors[rows], vectors), n, least, 7)
    assert all(np.array_equal(a, b) for a, b in zip(similar_vectors(vectors, least), naive, strict=True))

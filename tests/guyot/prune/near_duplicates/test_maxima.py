"""Highest similarities: by hand, against a naive loop, in any blocking, and on planted duplicates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.corpus import some_units

from guyot.cut import take
from guyot.errors import ArrayError
from guyot.prune.near_duplicates.maxima import (
    NEVER,
    nearest_predecessors,
    rank,
    scores_by_row,
    semdedup_scores,
)
from guyot.seeds import generator
from guyot.vectors.exact import cosines, unit_float16


def test_earlier_maxima_by_hand() -> None:
    #                    first   at 90   at 45 to both  a copy of the second
    rows = np.array([[1, 0], [0, 1], [1, 1], [0, 1]], np.float32)
    found = nearest_predecessors(unit_float16(rows))
    assert found.witness.tolist() == [-1, 0, 0, 1]
    assert np.isnan(found.similarity[0])
    assert np.allclose(found.similarity[1:], [0, np.sqrt(0.5), 1], atol=1e-3)


@given(st.integers(0, 45), st.integers(1, 50), st.integers(0, 5), st.booleans())
def test_blocked_equals_naive(n: int, block_rows: int, seed: int, copies: bool) -> None:
    ranked = some_units(n, 8, seed) if n else np.zeros((0, 8), np.float16)
    if copies and n:
        ranked = ranked[generator(seed, "copies").integers(0, max(1, n // 3), n)]
    found = nearest_predecessors(ranked, block_rows=block_rows)
    similarity = cosines(ranked, ranked)
    for row in range(n):
        earlier = similarity[row, :row]
        assert found.witness[row] == (int(earlier.argmax()) if row else -1)
        assert np.isnan(found.similarity[row]) if not row else found.similarity[row] == earlier.max()


def test_far_documents_are_ranked_first_and_ties_by_row() -> None:
    assert rank(np.array([0.2, 0.9, 0.2, 0.5], np.float32)).tolist() == [1, 3, 0, 2]


def test_planted_near_duplicates_lose_one_of_each_pair() -> None:
    originals = some_units(400, 64, 1).astype(np.float32)
    noise = some_units(100, 64, 2).astype(np.float32) * 0.08
    copies = unit_float16(originals[:100] + noise)
    vectors = np.concatenate([unit_float16(originals), copies])
    order = rank(generator(0, "distance").uniform(0, 1, 500).astype(np.float32))
    found = nearest_predecessors(vectors[order], block_rows=64)
    witness = np.full(500, -1)
    witness[order] = np.where(found.witness < 0, -1, order[found.witness])
    similarity = np.full(500, np.nan, np.float32)
    similarity[order] = found.similarity
    kept = take(semdedup_scores(similarity, witness), np.ones(500, np.int64), np.ones(500, bool), 400)
    pairs = kept[:100].astype(int) + kept[400:]
    assert (pairs == 1).mean() >= 0.99
    assert all(similarity[row] > 0.98 for row in np.flatnonzero(~kept))


def test_a_first_document_is_never_the_first_to_go() -> None:
    assert semdedup_scores(np.array([np.nan], np.float32), np.array([-1])).values.tolist() == [NEVER]


def test_a_block_needs_a_row() -> None:
    with pytest.raises(ArrayError, match="block_rows=0"):
        nearest_predecessors(some_units(3, 4), block_rows=0)


def test_scores_by_place_are_those_by_row() -> None:
    place = np.array([2, 0, 3, 1])  # in visiting order: rows 1, 3, 0, 2
    similarity = np.array([0.5, np.nan, 0.25, 0.75], np.float32)
    found = scores_by_row(place, similarity, np.array([-1, -1, 0, 1], np.int32), 0.5)
    assert found.values.tolist() == [0.75, 2.0, 0.25, 2.0]
    assert found.witness is not None
    assert found.witness.tolist() == [1, -1, 3, -1]
    assert found.limit == 0.5

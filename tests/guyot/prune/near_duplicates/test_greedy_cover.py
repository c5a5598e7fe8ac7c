"""Covers: those of a naive visit, every dropped document near a kept one, and targets approached from below."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from guyot.prune.near_duplicates.greedy_cover import covering_limit, greedy_cover, nearest_kept
from guyot.prune.near_duplicates.pairs import Pairs

likes = st.lists(
    st.tuples(st.integers(0, 13), st.integers(0, 13), st.sampled_from([0.5, 0.6, 0.75, 0.9])),
    max_size=50,
    unique_by=lambda p: (max(p[:2]), min(p[:2])),
)


def pairs_of(rows: list[tuple[int, int, float]]) -> Pairs:
    rows = sorted((max(a, b), min(a, b), v) for a, b, v in rows if a != b)
    later, earlier, value = (np.array([row[i] for row in rows]) for i in range(3))
    return Pairs(later.astype(np.int64), earlier.astype(np.int64), value.astype(np.float32))


def naive(n: int, pairs: Pairs) -> list[bool]:
    kept: list[bool] = []
    for document in range(n):
        mine = pairs.earlier[pairs.later == document]
        kept.append(not any(kept[other] for other in mine))
    return kept


@given(likes)
def test_a_cover_is_that_of_a_visit_one_by_one(rows: list) -> None:
    pairs = pairs_of(rows)
    kept = greedy_cover(14, pairs)
    assert kept.tolist() == naive(14, pairs)
    witness, cosine = nearest_kept(14, pairs, kept)
    for document in np.flatnonzero(~kept):
        mine = pairs.later == document
        best = pairs.cosine[mine][kept[pairs.earlier[mine]]].max()
        assert kept[witness[document]]
        assert cosine[document] == best
    assert (witness[kept] == -1).all()


@given(likes, st.integers(0, 14))
def test_a_limit_is_found_whose_cover_fits(rows: list, target: int) -> None:
    pairs, weights = pairs_of(rows), np.ones(14, np.int64)
    limit = covering_limit(14, pairs, weights, target)
    if limit is None:
        assert greedy_cover(14, pairs).sum() > target
        return
    assert greedy_cover(14, pairs.subset(pairs.cosine > limit)).sum() <= target
    higher = np.unique(pairs.cosine[pairs.cosine > limit])
    if len(higher):  # the next limit up leaves too much
        assert greedy_cover(14, pairs.subset(pairs.cosine > higher[0])).sum() > target
    elif len(pairs):
        assert target >= 14 or limit >= pairs.cosine.max()


def test_a_drifting_chain_by_hand() -> None:
    chain = Pairs(np.array([1, 2, 3, 4]), np.array([0, 1, 2, 3]), np.full(4, 0.9, np.float32))
    assert greedy_cover(5, chain).tolist() == [True, False, True, False, True]


def test_of_equally_like_kept_documents_the_earliest_is_the_witness() -> None:
    pairs = Pairs(np.array([3, 3, 3]), np.array([0, 1, 2]), np.array([0.9, 0.9, 0.6], np.float32))
    witness, _ = nearest_kept(4, pairs, np.array([True, True, True, False]))
    assert witness[3] == 0
    swapped = Pairs(pairs.later, pairs.earlier[[1, 0, 2]], pairs.cosine)
    assert nearest_kept(4, swapped, np.array([True, True, True, False]))[0][3] == 0

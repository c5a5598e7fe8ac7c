"""Length confound: ranks and correlation as scipy has them, deciles, and a cut made again within them."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from guyot.audit.length_confound import drop_order, length_deciles, stratified
from guyot.errors import ArrayError
from guyot.seeds import generator
from guyot.stats import ranks, spearman

columns = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=40)


@given(columns)
def test_ranks_and_correlation_are_those_of_scipy(rows: list[tuple[int, int]]) -> None:
    one, other = (np.array(column, float) for column in zip(*rows, strict=True))
    assert ranks(one).tolist() == stats.rankdata(one).tolist()
    if np.ptp(one) and np.ptp(other):
        assert spearman(one, other) == pytest.approx(stats.spearmanr(one, other).statistic)
    else:
        assert np.isnan(spearman(one, other))


def test_what_cannot_be_ranked_is_refused() -> None:
    with pytest.raises(ArrayError, match="1 of 2 values are nan"):
        ranks(np.array([1.0, np.nan]))
    with pytest.raises(ArrayError, match="3 and 2 rows"):
        spearman(np.zeros(3), np.zeros(2))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60))
def test_deciles_are_tenths_by_length(lengths: list[int]) -> None:
    decile = length_deciles(np.array(lengths))
    order = sorted(range(len(lengths)), key=lambda i: (lengths[i], i))
    assert decile[order].tolist() == [i * 10 // len(lengths) for i in range(len(lengths))]


places = st.tuples(st.integers(0, 2), st.sampled_from([-1.0, 0.5, 2.0, float("nan")]))


@given(st.lists(places, max_size=30))
def test_a_line_goes_by_the_step_and_then_by_its_score(rows: list[tuple[int, float]]) -> None:
    decided, score = np.array([row[0] for row in rows], np.int16), np.array([row[1] for row in rows])
    found = drop_order(decided, score)
    assert np.isnan(found).tolist() == np.isnan(score).tolist()
    there = [i for i in range(len(rows)) if not np.isnan(score[i])]
    for i in there:
        for j in there:
            assert (found[i] < found[j]) == (rows[i] < rows[j])
            assert (found[i] == found[j]) == (rows[i] == rows[j])


documents = st.tuples(st.integers(0, 3), st.booleans(), st.integers(1, 30))


@given(st.lists(documents, min_size=1, max_size=50))
def test_within_deciles_as_counted_by_hand(rows: list[tuple[int, bool, int]]) -> None:
    place, kept, tokens = (np.array([row[i] for row in rows]) for i in range(3))
    found = stratified(place.astype(float), kept, tokens)
    ranked = sorted(range(len(rows)), key=lambda i: (tokens[i], i))
    again = set()
    for number in range(10):
        decile = [i for at, i in enumerate(ranked) if at * 10 // len(rows) == number]
        best = sorted(decile, key=lambda i: (not kept[i], -place[i], i))
        again |= set(best[: int(len(decile) * Fraction(repr(float(kept.mean()))))])
    cut, every = set(np.flatnonzero(kept).tolist()), set(range(len(rows)))
    for value, one, other in (
        (found.kept, cut, again),
        (found.dropped, every - cut, every - again),
    ):
        assert value == pytest.approx(
            len(one & other) / len(one | other) if one | other else np.nan, nan_ok=True
        )
    all_tokens = sum(tokens[i] for i in cut)
    both = sum(tokens[i] for i in cut & again)
    assert found.tokens == pytest.approx(both / all_tokens if cut else np.nan, nan_ok=True)


def test_a_cut_that_hits_all_lengths_alike_stays_whatever_decided_it() -> None:
    tokens = np.arange(1, 1001)
    kept = np.arange(1000) % 2 == 0
    misleading = generator(0, "own order").uniform(size=1000)  # the cut went by something else
    for place in (misleading, np.zeros(1000), np.full(1000, np.nan)):
        found = stratified(place, kept, tokens)
        assert (found.kept, found.dropped, found.tokens) == (1, 1, 1)


def test_a_cut_by_length_differs_from_the_same_within_deciles_and_one_by_lot_does_not() -> None:
    length = generator(0, "length").permutation(2000)
    by_length, lot = -length.astype(float), generator(0, "lot").uniform(size=2000)
    kept = length < 1000
    assert stratified(by_length, kept, length).dropped == pytest.approx(1 / 3, abs=0.02)  # as by chance
    by_lot = lot > np.median(lot)
    assert stratified(lot, by_lot, length).kept > 0.85


def test_within_deciles_by_hand() -> None:
    length = np.arange(20)
    score = np.tile([1.0, 0.0], 10)  # of each decile's two, the even one is better
    kept = np.zeros(20, bool)
    kept[:10] = True
    found = stratified(score, kept, length)
    assert (found.kept, found.dropped, found.tokens) == (5 / 15, 5 / 15, 20 / 45)

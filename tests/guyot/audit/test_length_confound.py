"""Length confound: ranks and correlation as scipy has them, deciles, and a cut made again within them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from guyot.audit.length_confound import length_deciles, ranks, spearman, stratified
from guyot.errors import ArrayError
from guyot.seeds import generator

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
    assert (found.kept, found.dropped) == (5 / 15, 5 / 15)

"""Factors: levels in order, numbers exactly, bins of about as many documents."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from guyot.audit.factors.factor import BINS, MAX_NUMERIC_LEVELS, binned, factor_of


def test_numbers_are_in_their_order_and_strings_in_theirs() -> None:
    assert factor_of("f", [10.0, 9.0, None, 10.0]).levels == ("9", "10")
    assert factor_of("f", ["10", "9"]).levels == ("10", "9")
    mixed = factor_of("f", [1.0, "1", "a", None])
    assert mixed.levels == ("1", "a"), "a number and its name are one level"
    assert mixed.level.tolist() == [0, 0, 1, -1]
    assert mixed.numbers is None
    assert factor_of("f", [0.1 + 0.2, 0.3]).levels == ("0.3", "0.30000000000000004"), "no two are alike"
    assert factor_of("f", [None, None]).levels == ()


def test_counts_and_selections_leave_levels_as_they_are() -> None:
    factor = factor_of("f", ["a", "b", None, "a"])
    assert factor.counts().tolist() == [2, 1]
    assert factor.select(np.array([2, 1])).counts().tolist() == [0, 1]


@given(st.lists(st.one_of(st.none(), st.integers(0, 60).map(float)), max_size=80))
def test_bins_hold_each_value_once_and_are_in_order(values: list[float | None]) -> None:
    factor = factor_of("f", values)
    found = binned(factor)
    if len(factor.levels) <= MAX_NUMERIC_LEVELS:
        assert found is factor
        return
    assert 2 <= len(found.levels) <= BINS
    assert (found.counts() > 0).all()
    assert found.counts().sum() == factor.counts().sum()
    for value, level in zip(values, found.level.tolist(), strict=True):
        if value is None:
            assert level == -1
        else:
            low, high = map(float, found.levels[level].split(" to "))
            assert low <= value <= high
    ends = [tuple(map(float, name.split(" to "))) for name in found.levels]
    assert all(one[1] < other[0] for one, other in zip(ends, ends[1:], strict=False))


def test_bins_of_even_values_are_even() -> None:
    assert binned(factor_of("f", [float(i) for i in range(80)])).counts().tolist() == [10] * BINS

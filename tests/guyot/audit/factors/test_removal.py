"""Removal by level against scipy's chi-squared, and Cramér's V by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from guyot.audit.factors.factor import Factor, factor_of
from guyot.audit.factors.removal import chi_squared, cramers_v, removal
from guyot.seeds import generator


def stream() -> np.random.Generator:
    return generator(0, "removal")


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 30)), min_size=2, max_size=6))
def test_chi_squared_is_scipys(pairs: list[tuple[int, int]]) -> None:
    total = np.array([n for n, _ in pairs])
    gone = np.minimum([r for _, r in pairs], total)
    if not 0 < gone.sum() < total.sum():
        assert np.isnan(chi_squared(total, gone[None])[0])
        return
    expected = chi2_contingency(np.stack([gone, total - gone]), correction=False).statistic
    assert chi_squared(total, gone[None])[0] == pytest.approx(expected, abs=1e-9)


def test_rates_are_of_the_documents_that_have_the_level() -> None:
    factor = Factor("f", np.array([0, 0, 0, 0, 2, 2, -1], np.int32), ("a", "never", "c"))
    removed = np.array([True, True, True, False, False, False, True])
    found = removal(factor, removed, draws=9, stream=stream())
    assert found.level.tolist() == [0, 2], "levels that no document has are left out"
    assert found.removed.tolist() == [3, 0]
    assert [(one.value, one.n) for one in found.rate] == [(0.75, 4), (0.0, 2)]
    # chi2 by hand: share 1/2; (3-2)^2/4/(1/4) + (0-1)^2/2/(1/4) = 3; phi2 = 3/6 - 1/5 = .3; both sides 2 - 1/5
    assert found.cramers_v == pytest.approx((0.3 / 0.8) ** 0.5)


def test_the_bias_of_an_independent_table_is_taken_away() -> None:
    draw, corrected, plain = stream(), [], []
    for _ in range(200):
        level, removed = draw.integers(0, 20, 200), draw.random(200) < 0.3
        factor = Factor("f", level.astype(np.int32), tuple(map(str, range(20))))
        total, gone = factor.counts(), np.bincount(level[removed], minlength=20)
        squared = float(chi_squared(total[total > 0], gone[None, total > 0])[0])
        plain.append((squared / 200) ** 0.5)
        corrected.append(cramers_v(squared, 200, int((total > 0).sum()), 2))
    assert np.mean(plain) > 0.28
    assert np.mean(corrected) < 0.12


def test_p_is_small_where_removal_goes_with_the_level_and_even_where_it_does_not() -> None:
    level = np.repeat(np.arange(4), 25).astype(np.int32)
    factor = Factor("f", level, tuple("abcd"))
    assert removal(factor, level == 2, draws=199, stream=stream()).p == 1 / 200
    draw = stream()
    p = [removal(factor, draw.random(100) < 0.4, draws=99, stream=draw).p for _ in range(200)]
    assert 0.4 < np.mean(p) < 0.62
    assert 0.01 < np.mean(np.array(p) <= 0.05) < 0.11


def test_where_nothing_varies_there_is_no_association() -> None:
    factor = factor_of("f", ["a", "b", "b"])
    for removed in (np.zeros(3, np.bool_), np.ones(3, np.bool_)):
        found = removal(factor, removed, draws=9, stream=stream())
        assert np.isnan([found.cramers_v, found.p]).all()
    one = removal(factor_of("f", ["a", "a"]), np.array([True, False]), draws=9, stream=stream())
    assert np.isnan(one.cramers_v)
    assert one.rate[0].value == 0.5

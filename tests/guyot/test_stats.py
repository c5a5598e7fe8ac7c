"""Rank correlation, overlap and bootstrap against naive references; Wilson's interval is with the audits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, spearmanr

from guyot.errors import ArrayError
from guyot.seeds import generator
from guyot.stats import (
    area_under_curve,
    jaccard_of_masks,
    mean_interval,
    resampled_counts,
    resampled_rows,
    spearman,
)


@given(st.integers(3, 40), st.integers(0, 20))
def test_spearman_is_that_of_scipy(n: int, seed: int) -> None:
    draw = generator(seed, "stats")
    one, other = draw.integers(0, 9, n).astype(float), draw.uniform(size=n)
    if len(set(one.tolist())) > 1:
        assert spearman(one, other) == pytest.approx(spearmanr(one, other).statistic)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=30))
def test_the_area_under_the_curve_is_mann_and_whitneys(rows: list[tuple[int, bool]]) -> None:
    scores, truth = np.array([one for one, _ in rows], float), np.array([one for _, one in rows], bool)
    found = area_under_curve(scores, truth)
    if truth.all() or not truth.any():
        assert np.isnan(found)
    else:
        expected = mannwhitneyu(scores[truth], scores[~truth]).statistic
        assert found == pytest.approx(expected / (truth.sum() * (~truth).sum()))


def test_an_overlap_by_hand() -> None:
    one, other = np.array([True, True, False]), np.array([False, True, True])
    assert jaccard_of_masks(one, other) == pytest.approx(1 / 3)
    assert np.isnan(jaccard_of_masks(~one & one, ~one & one))


@pytest.mark.parametrize("blocks_of", [1, 7, 1 << 20])
def test_a_bootstrap_is_the_same_in_any_blocks(blocks_of: int, monkeypatch: pytest.MonkeyPatch) -> None:
    values = generator(0, "values").standard_normal(50)
    whole = mean_interval(values, 200, generator(1, "draws"))
    naive = [values[generator(1, "draws").integers(0, 50, (200, 50))[i]].mean() for i in range(200)]
    monkeypatch.setattr("guyot.stats._BLOCK_VALUES", 50 * blocks_of)
    assert mean_interval(values, 200, generator(1, "draws")) == whole
    assert (whole.low, whole.high) == tuple(np.percentile(naive, (2.5, 97.5)))
    assert sum(len(block) for block in resampled_rows(50, 200, generator(1, "draws"))) == 200
    assert sum(len(block) for block in resampled_counts(50, 200, generator(1, "draws"))) == 200


def test_columns_of_two_lengths_are_refused() -> None:
    with pytest.raises(ArrayError, match="2 and 3 rows"):
        spearman(np.zeros(2), np.zeros(3))

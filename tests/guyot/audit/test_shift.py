"""Shift: shares by hand, divergence as scipy has it, and a group that vanishes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from guyot.audit.shift import shift

documents = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 50), st.booleans()), min_size=1, max_size=40)


@given(documents)
def test_groups_are_counted_and_compared(rows: list[tuple[int, int, bool]]) -> None:
    group, tokens, kept = (np.array(column) for column in zip(*rows, strict=True))
    found = shift(group.astype(np.int32), 4, tokens, kept)
    for number in range(4):
        here = group == number
        assert (found.documents[number], found.documents_kept[number]) == (here.sum(), (here & kept).sum())
        assert (found.tokens[number], found.tokens_kept[number]) == (
            tokens[here].sum(),
            tokens[here & kept].sum(),
        )
    if kept.any():
        before, after = found.tokens / tokens.sum(), found.tokens_kept / tokens[kept].sum()
        there = before > 0
        assert np.allclose(found.ratio[there], after[there] / before[there])
        assert found.divergence == pytest.approx(stats.entropy(after[there], before[there]), abs=1e-12)
    else:
        assert np.isnan(found.share_kept).all()


def test_a_minority_that_vanishes_is_seen() -> None:
    group = np.repeat([0, 1, 2], [100, 10, 9]).astype(np.int32)
    kept = group == 0
    found = shift(group, 3, np.ones(119, np.int64), kept)
    assert found.vanished.tolist() == [False, True, False]  # nine are too few to say
    kept[100] = True  # one of ten, where 85% are kept overall, is over a tenth of that
    assert shift(group, 3, np.ones(119, np.int64), kept).vanished.tolist() == [False, False, False]

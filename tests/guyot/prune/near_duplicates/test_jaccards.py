"""Similarities against naive sets of shingles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.prune.near_duplicates import jaccards as module
from guyot.prune.near_duplicates.jaccards import jaccards
from guyot.text.shingles import shingles


@given(st.lists(st.text(alphabet="ab ", max_size=20), min_size=2, max_size=8), st.integers(1, 3))
def test_similarities_are_those_of_naive_sets(contents: list[str], size: int) -> None:
    sets = []
    for text in contents:
        words = text.split()
        sets.append({tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1))})
    one, other = np.triu_indices(len(contents), 1)
    found = jaccards(shingles(contents, "words", size).distinct(), one, other)
    assert found.tolist() == [
        len(sets[a] & sets[b]) / len(sets[a] | sets[b]) for a, b in zip(one, other, strict=True)
    ]


@pytest.mark.parametrize("at_once", [1, 5, 1 << 17])
def test_pairs_in_any_order_and_number_at_once(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(module, "_SHINGLES_AT_ONCE", at_once)
    distinct = shingles(["a b c", "c b a d", "e", "a b c d", "d"], "words", 1).distinct()
    one, other = np.array([3, 0, 2, 3, 0, 4, 0]), np.array([0, 1, 0, 4, 3, 3, 0])
    assert jaccards(distinct, one, other).tolist() == [3 / 4, 3 / 4, 0, 1 / 4, 3 / 4, 1 / 4, 1]
    assert jaccards(distinct, one[:0], other[:0]).tolist() == []

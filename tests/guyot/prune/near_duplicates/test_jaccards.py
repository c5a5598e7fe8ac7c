"""Similarities against naive sets of shingles."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

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

"""Pairs in memory: at or above the floor, exact, and the search finds those of the rows asked for."""

import numpy as np

from guyot.prune.near_duplicates.shingle_pairs import shingle_pairs
from guyot.text.shingles import shingles


def test_pairs_are_exact_and_the_search_is_of_the_rows_asked_for() -> None:
    words = [f"w{i}" for i in range(60)]
    contents = [" ".join(words), "nothing of this", " ".join([*words[:-1], "other"]), " ".join(words)]
    pairs = shingle_pairs(shingles(contents, "words", 5), 0.8)
    found = dict(zip(zip(pairs.one.tolist(), pairs.other.tolist(), strict=True), pairs.jaccard, strict=True))
    assert found == {(0, 2): 55 / 57, (0, 3): 1}
    assert pairs.search is not None
    assert not len(pairs.search.rows)
    one, other, jaccard = pairs.search.among(np.array([2, 3]))
    assert (one.tolist(), other.tolist(), jaccard.tolist()) == ([2], [3], [55 / 57])

"""Pairs in memory: at or above the floor, exact, and the search finds those of the rows asked for."""

import numpy as np
import pytest

from guyot.prune.near_duplicates import shingle_pairs as module
from guyot.prune.near_duplicates.shingle_pairs import shingle_pairs
from guyot.text.minhash_signatures import signatures
from guyot.text.shingles import shingles


@pytest.mark.parametrize("batch", [1, 2, 4096])
def test_pairs_are_exact_and_the_search_is_of_the_rows_asked_for(
    monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(module, "_BATCH_PAIRS", batch)
    words = [f"w{i}" for i in range(60)]
    contents = [" ".join(words), "nothing of this", " ".join([*words[:-1], "other"]), " ".join(words)]
    distinct = shingles(contents, "words", 5).distinct()
    counted: list[tuple[int, int]] = []
    pairs = shingle_pairs(distinct, signatures(distinct), 0.8, lambda *counts: counted.append(counts))
    assert counted == ([(1, 2), (2, 2)] if batch == 1 else [(2, 2)])
    found = dict(zip(zip(pairs.one.tolist(), pairs.other.tolist(), strict=True), pairs.jaccard, strict=True))
    assert found == {(0, 2): 55 / 57, (0, 3): 1}
    assert pairs.search is not None
    assert not len(pairs.search.rows)
    one, other, jaccard = pairs.search.among(np.array([2, 3]))
    assert (one.tolist(), other.tolist(), jaccard.tolist()) == ([2], [3], [55 / 57])

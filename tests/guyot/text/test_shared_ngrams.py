"""Shared n-grams are the same counted pair by pair and as one product, in tables of any width."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.seeds import generator
from guyot.text import shared_ngrams as module
from guyot.text.shared_ngrams import Ngrams, shared_ngrams

sets = st.lists(st.sets(st.integers(0, 9), max_size=8), min_size=1, max_size=7)


@given(sets, sets, st.integers(0, 99), st.sampled_from([1, 5, 1 << 20]), st.sampled_from([0, 1 << 40]))
def test_counts_are_those_of_sets(
    documents: list[set[int]], records: list[set[int]], seed: int, at_once: int, cost: int
) -> None:
    is_asked = generator(seed, "pairs").random((len(documents), len(records))) < 0.6
    pairs = np.argwhere(is_asked).tolist()
    ngrams = Ngrams(
        np.array(sorted(d * 10 + n for d, held in enumerate(documents) for n in held), np.int64),
        np.array([n for record in records for n in sorted(record)], np.int64),
        np.cumsum([0, *map(len, records)]),
        10,
    )
    document, record = (np.array([pair[i] for pair in pairs], np.int64) for i in range(2))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "PAIRS_AT_ONCE", at_once)
        patched.setattr(module, "_LOOK_UP_COST", cost)
        found = shared_ngrams(ngrams, document, record)
    assert found.tolist() == [len(documents[d] & records[r]) for d, r in pairs]


def test_copies_of_copies_are_counted_by_a_product(monkeypatch: pytest.MonkeyPatch) -> None:
    held = np.arange(40)
    copies = Ngrams(
        np.concatenate([held + 40 * d for d in range(30)]), np.tile(held, 30), 40 * np.arange(31), 40
    )
    every = np.repeat(np.arange(30), 30), np.tile(np.arange(30), 30)
    monkeypatch.setattr(module, "_by_look_up", None)  # calling it fails
    assert shared_ngrams(copies, *every).tolist() == [40] * 900
    monkeypatch.undo()
    monkeypatch.setattr(module, "_by_product", None)
    each_its_own = np.arange(30), np.arange(30)[::-1]
    assert shared_ngrams(copies, *each_its_own).tolist() == [40] * 30

"""Shared pairs: those that a search among the living finds, whatever was asked for before."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.corpus import some_documents

from guyot.columns import COMPARISON_LISTS, DISTANCE
from guyot.errors import SettingError
from guyot.prune.near_duplicates import pairs as pairs_module
from guyot.prune.near_duplicates import shared_pairs as module
from guyot.prune.near_duplicates.maxima import rank
from guyot.prune.near_duplicates.pairs import Pairs, pairs_above
from guyot.prune.near_duplicates.shared_pairs import shared_pairs
from guyot.seeds import generator


def rows_of(pairs: Pairs) -> list[tuple[int, int, float]]:
    return list(zip(pairs.later.tolist(), pairs.earlier.tolist(), pairs.cosine.tolist(), strict=True))


@given(st.integers(0, 3), st.lists(st.sampled_from([0.3, 0.6, 0.9, 0.95]), min_size=1, max_size=4))
def test_they_are_those_of_a_search_among_the_living(seed: int, limits: list[float]) -> None:
    documents = some_documents(80, seed)
    place = np.argsort(rank(documents.require(DISTANCE)))
    for number, limit in enumerate(limits):
        alive = generator(seed, "alive", number).uniform(size=80) < 0.7 + 0.3 * (number % 2)
        found = shared_pairs(documents, place, alive, limit)
        naive = pairs_above(documents.require(COMPARISON_LISTS), place, alive, limit)
        assert rows_of(found) == rows_of(naive)


def test_they_are_sought_once_down_to_the_lowest_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    documents, sought = some_documents(60), []
    place = np.argsort(rank(documents.require(DISTANCE)))
    monkeypatch.setattr(
        module, "pairs_above", lambda *of, **how: sought.append(of[3]) or pairs_above(*of, **how)
    )
    for limit in (0.9, 0.95, 0.8, 0.9, 0.85):
        shared_pairs(documents, place, np.ones(60, bool), limit)
    assert sought == [0.9, 0.8]


def test_where_they_are_too_many_those_of_the_living_are_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = some_documents(60)
    place, every = np.argsort(rank(documents.require(DISTANCE))), np.ones(60, bool)
    few = np.arange(60) < 6
    monkeypatch.setattr(pairs_module, "MAX_PAIRS", 15)
    assert len(shared_pairs(documents, place, few, -1.0)) == 15
    with pytest.raises(SettingError, match="more than 15 pairs"):
        shared_pairs(documents, place, every, -1.0)

"""Shared pairs: those that a search among the living finds, whatever was asked for before."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.corpus import some_documents

from guyot.columns import COMPARISON_LISTS, DISTANCE, MAX_SIMILARITY
from guyot.errors import SettingError
from guyot.memo import Memo
from guyot.prune.near_duplicates import pairs as pairs_module
from guyot.prune.near_duplicates import shared_pairs as module
from guyot.prune.near_duplicates.maxima import rank
from guyot.prune.near_duplicates.pairs import Pairs, highest_pairs, pairs_above
from guyot.prune.near_duplicates.shared_pairs import likely_pairs, shared_pairs
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


def test_they_are_sought_once_as_far_as_is_likely_and_beyond_down_to_the_lowest_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    documents, sought = some_documents(60), []
    place, every = np.argsort(rank(documents.require(DISTANCE))), np.ones(60, bool)
    for name, search in (("pairs_above", pairs_above), ("highest_pairs", highest_pairs)):
        limit_at = 3 if search is pairs_above else 2
        monkeypatch.setattr(
            module,
            name,
            lambda *of, search=search, at=limit_at, **how: sought.append(of[at]) or search(*of, **how),
        )
    highest = np.sort(np.nan_to_num(documents.require(MAX_SIMILARITY), nan=-1))
    level = float(highest[60 - 1 - 7])  # 7 of 60 have a higher one
    for limit in (level + 1e-3, level + 1e-4, level, level - 0.1, level, level - 0.2, level - 0.15):
        shared_pairs(documents, place, every, limit)
    assert sought == [level, level - 0.1, level - 0.2]


def test_likely_pairs_go_as_far_as_they_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = some_documents(60)
    place, every = np.argsort(rank(documents.require(DISTANCE))), np.ones(60, bool)
    highest = np.sort(np.nan_to_num(documents.require(MAX_SIMILARITY), nan=-1))
    level = float(highest[60 - 1 - 7])
    all_of_them = pairs_above(documents.require(COMPARISON_LISTS), place, every, level)
    found = likely_pairs(documents, place, level)
    assert found is not None
    assert rows_of(found) == rows_of(all_of_them)
    assert likely_pairs(documents, place, level - 1e-3) is None
    monkeypatch.setattr(module, "PAIRS_PER_DOCUMENT", len(all_of_them) * 0.75 / 60)
    fewer = replace(documents, memo=Memo())
    assert likely_pairs(fewer, place, level) is None
    found = likely_pairs(fewer, place, float(np.sort(all_of_them.cosine)[-3]))
    assert found is not None
    assert set(rows_of(found)) < set(rows_of(all_of_them))
    assert rows_of(shared_pairs(fewer, place, every, level)) == rows_of(all_of_them)


def test_where_they_are_too_many_those_of_the_living_are_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = some_documents(60)
    place, every = np.argsort(rank(documents.require(DISTANCE))), np.ones(60, bool)
    few = np.arange(60) < 6
    monkeypatch.setattr(pairs_module, "MAX_PAIRS", 15)
    assert len(shared_pairs(documents, place, few, -1.0)) == 15
    with pytest.raises(SettingError, match="more than 15 pairs"):
        shared_pairs(documents, place, every, -1.0)

"""Comparison lists: by hand, what they hold on random inputs, and their maxima against every pair of documents."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.corpus import some_units

from guyot.errors import ArrayError
from guyot.prune.near_duplicates import comparison_lists as module
from guyot.prune.near_duplicates.comparison_lists import (
    NO_VISIT,
    best_of_entries,
    comparison_lists,
    visited_clusters,
)
from guyot.prune.near_duplicates.maxima import NearestPredecessors, nearest_predecessors
from guyot.seeds import generator
from guyot.vectors.exact import cosines

NEAR = np.array([0.25, 0.25, 0.25, 0.5], np.float32)
SECOND = np.array([7, 8, 9, -1], np.int32)
FARTHER = np.array([0.25, 0.375, 0.5, np.nan], np.float32)


@pytest.mark.parametrize(
    ("margin", "wanted"),
    [
        (0, [-1] * 4),
        (1e-9, [7, -1, -1, -1]),
        (0.125, [7, 8, -1, -1]),
        (0.2, [7, 8, -1, -1]),
        (2, [7, 8, 9, -1]),
    ],
)
def test_who_is_within_the_margin_visits_and_at_0_nobody(margin: float, wanted: list[int]) -> None:
    found = visited_clusters(NEAR, SECOND, FARTHER, margin)
    assert (found.dtype, found.tolist()) == (np.int32, wanted)


def test_a_margin_is_compared_as_float32_as_distances_are() -> None:
    near, far = np.zeros(1, np.float32), np.array([0.05], np.float32)
    assert float(far[0]) > 0.05
    assert visited_clusters(near, SECOND[:1], far, 0.05).tolist() == [7]


def test_lists_by_hand() -> None:
    distance = np.array([0.2, 0.5, 0.3, 0.5, 0.4], np.float32)
    own, visited = np.array([2, 0, 0, 2, 0], np.int32), np.array([0, -1, 2, 0, -1], np.int32)
    found = comparison_lists(distance, own, visited, 4)
    assert found.begins == [0, 5, 5, 8, 8]
    #                                  list 0           list 2
    assert found.document.tolist() == [1, 3, 4, 2, 0] + [3, 2, 0]
    assert found.own.tolist() == [7, 0, 3, 5, 2]
    assert found.visiting.tolist() == [4, -1, 6, 1, -1]
    assert found.entries.tolist() == [1, 7, 4, 2, 5] + [3, 6, 0]  # 5 to 7 are the visits of 0, 2 and 3
    documents, places = np.array([3, 3, 2, 0]), np.array([4, 7, 6, 0])
    assert found.places_beside(documents, places).tolist() == [1, 5, 6, 4]


@pytest.mark.parametrize("at_once", [1, 3, 7, 64])
def test_lists_are_the_same_however_many_entries_are_worked_on_at_a_time(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = generator(0, "parts", at_once)
    distance = draw.choice(np.linspace(0, 1, 5), 50).astype(np.float32)  # many are equal
    own = draw.integers(0, 6, 50).astype(np.int32)
    visited = np.where(draw.random(50) < 0.4, (own + 1) % 6, NO_VISIT).astype(np.int32)
    wanted = comparison_lists(distance, own, visited, 7)
    monkeypatch.setattr(module, "_ENTRIES_AT_ONCE", at_once)
    found = comparison_lists(distance, own, visited, 7)
    members = [[row for row in range(50) if number in (own[row], visited[row])] for number in range(7)]
    by_rank = [sorted(rows, key=lambda row: (-distance[row], row)) for rows in members]
    assert found.document.tolist() == wanted.document.tolist() == sum(by_rank, [])
    assert found.begins == wanted.begins == [0, *np.cumsum([len(rows) for rows in members]).tolist()]
    for one, other in ((found.own, wanted.own), (found.visiting, wanted.visiting)):
        assert (one.dtype, one.tolist()) == (np.int32, other.tolist())
    assert found.document[found.own].tolist() == list(range(50))
    for rows in ([], [7], [7, 30], range(50)):
        chosen = np.isin(found.document, rows)
        assert found.holding(chosen).tolist() == [
            n for n, held in enumerate(members) if set(held) & set(rows)
        ]


def test_more_documents_than_have_numbers_are_refused() -> None:
    n = 2**30
    far, own = np.broadcast_to(np.float32(0), n), np.broadcast_to(np.int32(0), n)
    with pytest.raises(ArrayError, match="1073741824 documents in lists; at most 1073741823"):
        comparison_lists(far, own, own, 1)


def test_lists_of_nothing() -> None:
    none = np.zeros(0, np.int32)
    found = comparison_lists(np.zeros(0, np.float32), none, none, 3)
    assert (found.begins, len(found.entries)) == ([0, 0, 0, 0], 0)
    assert len(best_of_entries(NearestPredecessors(none.astype(np.float32), none), none, none).witness) == 0


def test_the_better_witness_wins_and_of_equal_ones_the_earlier_ranked() -> None:
    #                     0    1    2    3    4: in the middle, and all but the first two visit
    distance = np.array([0.9, 0.9, 0.8, 0.5, 0.7, 0.1, 0.1, 0.1, 0.1, 0.1], np.float32)
    border_documents = np.arange(5, 10)
    own = [0.5, 0.5, 0.5, np.nan, 0.5], [3, 4, 0, -1, 3]
    visit = [0.6, 0.4, 0.5, 0.1, np.nan], [2, 0, 1, 3, -1]
    known = NearestPredecessors(
        np.array([np.nan] * 5 + own[0] + visit[0], np.float32), np.array([-1] * 5 + own[1] + visit[1])
    )
    found = best_of_entries(known, distance, border_documents)
    assert found.witness[5:].tolist() == [2, 4, 0, 3, 3]
    assert found.similarity[5:].tolist() == np.array([0.6, 0.5, 0.5, 0.1, 0.5], np.float32).tolist()
    known.witness[[7, 12]] = 4, 2  # 2 is farther from its centroid, so that it ranks before 4
    assert best_of_entries(known, distance, border_documents).witness[7] == 2
    known.witness[[7, 12]] = 2, 4
    assert best_of_entries(known, distance, border_documents).witness[7] == 2


@given(
    n=st.integers(0, 60), n_lists=st.integers(1, 6), seed=st.integers(0, 20), share=st.sampled_from([0, 0.3, 1]),
    distances=st.integers(1, 60), distinct=st.integers(1, 60),
)  # fmt: skip
def test_lists_hold_each_entry_once_and_their_maxima_are_those_of_all_pairs_that_share_a_list(
    n: int, n_lists: int, seed: int, share: float, distances: int, distinct: int
) -> None:
    draw = generator(seed, "lists", n, n_lists)
    distance = (draw.integers(0, distances, n) / 64).astype(np.float32)
    own = draw.integers(0, n_lists, n).astype(np.int32)
    other = ((own + draw.integers(1, max(2, n_lists), n)) % n_lists).astype(np.int32)
    visited = np.where((draw.random(n) < share) & (n_lists > 1), other, np.int32(NO_VISIT))
    vectors = some_units(60, 5, seed)[draw.integers(0, distinct, n)]
    lists = comparison_lists(distance, own, visited, n_lists)
    border_documents = np.flatnonzero(visited != NO_VISIT)
    assert sorted(lists.entries.tolist()) == list(range(n + len(border_documents)))
    assert np.array_equal(np.concatenate([np.arange(n), border_documents])[lists.entries], lists.document)
    known = NearestPredecessors(
        np.full(n + len(border_documents), np.nan, np.float32), np.full(n + len(border_documents), -1)
    )
    for begin, end in zip(lists.begins, lists.begins[1:], strict=False):
        found = nearest_predecessors(vectors[lists.document[begin:end]])
        entries = lists.entries[begin:end]
        known.similarity[entries] = found.similarity
        known.witness[entries] = np.where(found.witness < 0, -1, lists.document[begin + found.witness])
    found = best_of_entries(known, distance, border_documents)

    similarity, order = cosines(vectors, vectors), sorted(range(n), key=lambda row: (-distance[row], row))
    for at, row in enumerate(order):
        mine = {own[row], visited[row]} - {NO_VISIT}
        shared = [r for r in order[:at] if mine & ({own[r], visited[r]} - {NO_VISIT})]
        best = max(shared, key=lambda r: similarity[row, r], default=-1)  # the first of equal ones
        assert found.witness[row] == best
        assert np.isnan(found.similarity[row]) if best < 0 else found.similarity[row] == similarity[row, best]


def test_what_does_not_fit_together_is_refused() -> None:
    distance, zeros, none = np.zeros(3, np.float32), np.zeros(3, np.int32), np.full(3, -1, np.int32)
    for own, visited, told in (
        (zeros[:2], none, r"columns have \[2, 3\] rows"),
        (zeros + 2, none, "2 lists were asked for; 3 documents are in others"),
        (none, none, "3 documents are in others"),
        (zeros, np.array([1, 0, -1], np.int32), "1 documents .* such as row 1, of list 0, which visits 0"),
        (zeros, none - 1, "which visits -2"),
        (zeros, none + 3, "which visits 2"),
    ):
        with pytest.raises(ArrayError, match=told):
            comparison_lists(distance, own, visited, 2)


def test_what_is_held_for_a_document_while_lists_are_made_is_little() -> None:
    draw, n = generator(0, "memory"), 200_000
    distance, own = draw.random(n, np.float32), draw.integers(0, 400, n).astype(np.int32)
    visited = np.where(draw.random(n) < 0.4, (own + 1) % 400, NO_VISIT).astype(np.int32)
    tracemalloc.start()
    comparison_lists(distance, own, visited, 400)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most / n < 44  # 36.1 were measured, of which the lists are 13.6

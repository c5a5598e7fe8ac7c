"""Comparison lists in memory, and nearest predecessors in them."""

import numpy as np
import pytest
from support.corpus import planted_clusters

from guyot.cluster.assign import assign
from guyot.corpus import comparisons
from guyot.corpus.comparisons import VectorsInMemory, lists_of, nearest_predecessors
from guyot.prune.semdedup import rank
from guyot.vectors.exact import cosines


@pytest.mark.parametrize("limit", [1000, 0])
def test_nearest_predecessors_are_those_of_comparing_one_by_one(
    monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(comparisons, "ALL_PAIRS_DOCUMENTS", limit)
    monkeypatch.setattr(comparisons, "BORDER_MARGIN", 0.3)
    vectors, _ = planted_clusters(5, 24, 8, spread=1.0)
    vectors[7] = vectors[3]
    assigned = assign(vectors, vectors[::30])
    found_lists = lists_of(assigned, vectors, 4)
    found = nearest_predecessors(found_lists, assigned.distance)
    visits = assigned.second_distance - assigned.distance <= 0.3
    assert 0 < visits.sum() < len(vectors)
    n_lists = len(list(found_lists.lists()))
    assert n_lists == (1 if limit else 4)
    is_in = np.zeros((4, len(vectors)), np.bool_)
    is_in[assigned.cluster, np.arange(len(vectors))] = True
    is_in[assigned.second_cluster[visits], np.flatnonzero(visits)] = True
    together = np.ones((len(vectors),) * 2, np.bool_) if limit else (is_in.T @ is_in)
    order = rank(assigned.distance).tolist()
    pairs = cosines(vectors, vectors)
    for place, row in enumerate(order):
        earlier = [other for other in order[:place] if together[row, other]]
        best = max(earlier, key=lambda other: (pairs[row, other], -order.index(other)), default=-1)
        assert found.witness[row] == best
        assert np.array_equal(
            found.similarity[row], pairs[row, best] if best >= 0 else np.nan, equal_nan=True
        )


def test_only_lists_with_a_wanted_document_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparisons, "ALL_PAIRS_DOCUMENTS", 0)
    vectors, _ = planted_clusters(3, 10)
    lists = lists_of(assign(vectors, vectors[[0, 10, 20]]), vectors, 3)
    wanted = np.zeros(30, np.bool_)
    wanted[[12, 15]] = True
    ((rows, read),) = lists.lists(wanted)
    assert sorted(rows.tolist()) == list(range(10, 20))
    assert (read == vectors[rows]).all()
    assert len(list(lists.lists())) == 3


def test_vectors_come_whole() -> None:
    vectors, _ = planted_clusters(2, 3)
    ((rows, block),) = VectorsInMemory(vectors).blocks()
    assert rows.tolist() == list(range(6))
    assert block is vectors

"""Uncovered documents, counted against all cosines."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.corpus import Lists, some_units

from guyot.prune.near_duplicates import pairs
from guyot.prune.near_duplicates.maxima import rank
from guyot.prune.near_duplicates.pairs import Pairs, pairs_above
from guyot.prune.near_duplicates.uncovered import count_uncovered, count_without_pair, in_doubt
from guyot.seeds import generator
from guyot.vectors import threads
from guyot.vectors.exact import cosines


def test_uncovered_ones_are_counted_among_all_kept() -> None:
    vectors = some_units(30, 3, 5)
    distance = generator(0, "d").uniform(size=30).astype(np.float32)
    dropped = generator(1, "d").uniform(size=30) < 0.5
    wide = vectors.astype(np.float64)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    similarity = wide @ wide.T
    nobody = np.where(dropped, np.flatnonzero(dropped)[0], 0)
    expected = sum(not (similarity[i, ~dropped] > 0.8).any() for i in np.flatnonzero(dropped))
    assert count_uncovered(Lists(vectors, distance), dropped, ~dropped, nobody, 0.8) == expected > 0


def test_any_number_of_near_pairs_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "MAX_PAIRS", 1)  # what a recipe may hold is no limit of an accounting figure
    vectors = np.repeat(some_units(1, 4), 20, axis=0)
    dropped = np.arange(20) > 9
    lists = Lists(vectors, np.zeros(20, np.float32))
    assert count_uncovered(lists, dropped, ~dropped, np.full(20, 10), 0.8) == 0
    assert count_uncovered(lists, dropped, np.zeros(20, bool), np.full(20, 10), 0.8) == 10


def test_a_kept_document_covers_whether_it_ranks_before_or_after() -> None:
    one_pair = Pairs(np.array([1]), np.array([0]), np.array([0.75], np.float32))
    first, second = np.array([True, False]), np.array([False, True])
    for doubtful, kept in ((first, second), (second, first)):
        assert count_without_pair(one_pair, np.arange(2), doubtful, kept, 0.7) == 0
        assert count_without_pair(one_pair, np.arange(2), doubtful, kept, 0.75) == 1, (
            "at the limit is not near"
        )
        assert count_without_pair(one_pair, np.arange(2), doubtful, ~(kept | doubtful), 0.7) == 1


@given(st.integers(1, 60), st.integers(0, 9), st.floats(-0.5, 0.99), st.floats(0, 0.4), st.booleans())
def test_pairs_tell_what_a_search_and_all_cosines_tell(
    n: int, seed: int, limit: float, lower: float, near: bool
) -> None:
    vectors, draw = some_units(n, 5, seed), generator(seed, "uncovered")
    vectors[draw.integers(0, n, n // 3)] = vectors[draw.integers(0, n, n // 3)]  # copies
    distance, cluster = draw.uniform(size=n).astype(np.float32), draw.integers(0, 3, n).astype(np.int32)
    dropped = draw.uniform(size=n) < 0.6
    kept = ~dropped & (draw.uniform(size=n) < 0.5)  # a later step dropped others
    similarity = cosines(vectors, vectors)
    among = (similarity > np.float32(limit)) & (cluster[:, None] == cluster) & ~np.eye(n, dtype=bool)
    witness = np.where(among.any(axis=1), among.argmax(axis=1), np.arange(n))
    place, lists = np.argsort(rank(distance)), Lists(vectors, distance, cluster)
    found = pairs_above(lists, place, np.ones(n, bool), limit - lower)
    doubtful = in_doubt(dropped, kept, witness, witness_is_near=near)
    by_pairs = count_without_pair(found, place, doubtful, kept, limit)
    assert by_pairs == int((dropped & ~(among & kept).any(axis=1)).sum())
    assert by_pairs == count_uncovered(lists, dropped, kept, witness, limit, witness_is_near=near)


@pytest.mark.parametrize("n_cores", [1, 3])
def test_documents_of_several_lists_are_covered_by_any_of_them(
    monkeypatch: pytest.MonkeyPatch, n_cores: int
) -> None:
    monkeypatch.setattr(threads, "n_cores", lambda: n_cores)
    draw = generator(3, "several")
    vectors = some_units(60, 4, 3)
    members = [np.flatnonzero(draw.uniform(size=60) < 0.3) for _ in range(9)]

    class Several:
        def lists(self, wanted: np.ndarray | None = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
            yield from ((rows, vectors[rows]) for rows in members)

    dropped = draw.uniform(size=60) < 0.5
    near = cosines(vectors, vectors) > np.float32(0.6)
    together = np.zeros((60, 60), bool)
    for rows in members:
        together[np.ix_(rows, rows)] = True
    expected = int((dropped & ~(near & together & ~dropped).any(axis=1)).sum())
    found = count_uncovered(Several(), dropped, ~dropped, np.zeros(60, int), 0.6, witness_is_near=False)
    assert 0 < found == expected < dropped.sum()

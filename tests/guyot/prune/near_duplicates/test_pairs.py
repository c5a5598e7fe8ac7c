"""Pairs above a limit: exactly those of all pairs in float64, in any blocking, each once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.corpus import Lists, some_units

from guyot.errors import SettingError
from guyot.prune.near_duplicates import pairs as module
from guyot.prune.near_duplicates.maxima import rank
from guyot.prune.near_duplicates.pairs import highest_pairs, pairs_above
from guyot.seeds import generator
from guyot.vectors import threads
from guyot.vectors.exact import cosines


@given(st.integers(0, 40), st.integers(1, 50), st.integers(0, 5), st.floats(-0.9, 0.99), st.booleans())
def test_they_are_those_of_all_pairs(n: int, block_rows: int, seed: int, limit: float, few: bool) -> None:
    vectors = some_units(n, 6, seed) if n else np.zeros((0, 6), np.float16)
    draw = generator(seed, "pairs")
    distance = draw.uniform(size=n).astype(np.float32)
    cluster = draw.integers(0, 3, n).astype(np.int32)
    alive, of = draw.uniform(size=n) < 0.8, draw.uniform(size=n) < 0.3
    order = rank(distance)
    place = np.argsort(order)
    found = pairs_above(
        Lists(vectors, distance, cluster),
        place,
        alive,
        limit,
        later=of if few else None,
        block_rows=block_rows,
    )
    similarity = cosines(vectors, vectors)
    naive = {
        (int(place[a]), int(place[b])): similarity[a, b]
        for a in range(n)
        for b in range(n)
        if place[b] < place[a] and alive[a] and alive[b] and cluster[a] == cluster[b]
        and similarity[a, b] > limit and (not few or of[a])
    }  # fmt: skip
    assert dict(zip(zip(found.later.tolist(), found.earlier.tolist()), found.cosine, strict=True)) == naive
    assert len(found) == len(naive)


def test_a_pair_of_two_lists_is_there_once() -> None:
    vectors = some_units(2, 4)

    class Twice:
        def lists(self, wanted: object = None) -> object:
            yield np.arange(2), vectors
            yield np.arange(2), vectors

    assert len(pairs_above(Twice(), np.arange(2), np.ones(2, bool), -1.0)) == 1


def test_more_pairs_than_can_be_held_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PAIRS", 10)
    vectors = some_units(9, 4)
    with pytest.raises(SettingError, match="more than 10 pairs"):
        pairs_above(Lists(vectors, np.zeros(9, np.float32)), np.arange(9), np.ones(9, bool), -1.0)


@given(st.integers(1, 40), st.integers(0, 5), st.integers(0, 60), st.floats(-0.9, 0.9))
def test_where_pairs_are_too_many_the_limit_rises_and_above_it_all_are_there(
    n: int, seed: int, most: int, limit: float
) -> None:
    vectors, draw = some_units(n, 6, seed), generator(seed, "pairs")
    vectors[draw.integers(0, n, n // 2)] = vectors[0]  # more copies than may be held
    distance, cluster = draw.uniform(size=n).astype(np.float32), draw.integers(0, 3, n).astype(np.int32)
    place, lists = np.argsort(rank(distance)), Lists(vectors, distance, cluster)
    found, reached = highest_pairs(lists, place, limit, most)
    naive = pairs_above(lists, place, np.ones(n, bool), max(limit, reached))
    assert len(found) <= most
    assert limit <= reached <= 1
    assert reached == limit or len(pairs_above(lists, place, np.ones(n, bool), limit)) > most
    for one, other in (
        (found.later, naive.later),
        (found.earlier, naive.earlier),
        (found.cosine, naive.cosine),
    ):
        assert one.tolist() == other.tolist()


@pytest.mark.parametrize("n_cores", [1, 3])
@pytest.mark.parametrize("at_once", [0, 1 << 22])
def test_lists_that_are_divided_and_whole_ones_give_the_same(
    monkeypatch: pytest.MonkeyPatch, n_cores: int, at_once: int
) -> None:
    n, draw = 90, generator(2, "divided")
    vectors, distance = some_units(n, 4, 2), draw.uniform(size=n).astype(np.float32)
    lists = Lists(vectors, distance, draw.integers(0, 4, n).astype(np.int32))
    place, alive = np.argsort(rank(distance)), draw.uniform(size=n) < 0.8
    expected = pairs_above(lists, place, alive, 0.3)
    monkeypatch.setattr(threads, "n_cores", lambda: n_cores)
    monkeypatch.setattr(module, "_PAIRS_AT_ONCE", at_once)
    found = pairs_above(lists, place, alive, 0.3)
    assert len(found) > 100
    for name in ("later", "earlier", "cosine"):
        assert getattr(found, name).tobytes() == getattr(expected, name).tobytes()

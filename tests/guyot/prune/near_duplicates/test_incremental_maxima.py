"""Increments of SemDeDup: by hand, against all pairs in every way documents can come and go, in any blocking."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.corpus import some_units

from guyot.errors import ArrayError
from guyot.prune.near_duplicates import incremental_maxima
from guyot.prune.near_duplicates.incremental_maxima import updated_maxima
from guyot.prune.near_duplicates.maxima import NearestPredecessors, nearest_predecessors
from guyot.seeds import generator
from guyot.vectors import nearest_earlier
from guyot.vectors.exact import unit_float16

Bools = NDArray[np.bool_]


def change(
    vectors: NDArray[np.float16], groups: list[int], old: Bools, new: Bools
) -> tuple[NearestPredecessors, Bools, Bools, list[int]]:
    """Score the old documents from nothing; say what the new ones still know, who is fresh, who an orphan."""
    before, after = np.flatnonzero(old), np.flatnonzero(new)
    similarity, witness = np.full(len(vectors), np.nan, np.float32), np.full(len(vectors), -1)
    for begin, end in zip(groups, groups[1:], strict=False):
        rows = before[(before >= begin) & (before < end)]
        if len(rows):
            found = nearest_predecessors(vectors[rows])
            similarity[rows] = found.similarity
            witness[rows] = np.where(found.witness < 0, -1, rows[found.witness])
    number = np.full(len(vectors) + 1, -1)
    number[after] = np.arange(len(after))
    had = witness[after]
    known = NearestPredecessors(similarity[after], np.where(had < 0, -1, number[had]))
    fresh = (new & ~old)[after]
    orphaned = ~fresh & (had >= 0) & (number[had] < 0)
    return known, fresh, orphaned, [int((after < begin).sum()) for begin in groups]


def wanted(ranked: NDArray[np.float16], groups: list[int]) -> tuple[list[float], list[int]]:
    """Compare every pair of each group in a float64 loop of its own."""
    wide = ranked.astype(np.float64)
    lengths = np.sqrt((wide * wide).sum(axis=1))
    similarity, witness = np.full(len(ranked), np.nan, np.float32), [-1] * len(ranked)
    for begin, end in zip(groups, groups[1:], strict=False):
        for row in range(begin, end):
            for earlier in range(begin, row):
                cosine = np.float32((wide[row] * wide[earlier]).sum() / (lengths[row] * lengths[earlier]))
                if witness[row] < 0 or cosine > similarity[row]:
                    similarity[row], witness[row] = cosine, earlier
    return similarity.tolist(), witness


def check(vectors: NDArray[np.float16], groups: list[int], old: Bools, new: Bools, block_rows: int) -> None:
    known, fresh, orphaned, parts = change(vectors, groups, old, new)
    found = updated_maxima(vectors[new], parts, known, fresh, orphaned, block_rows=block_rows)
    similarity, witness = wanted(vectors[new], parts)
    assert found.similarity.dtype == np.float32
    assert str(found.similarity.tolist()) == str(similarity)  # nan too
    assert found.witness.tolist() == witness


def test_updated_maxima_by_hand() -> None:
    #       the first  at 90   at 45   like the second   and again
    rows = np.array([[1, 0], [0, 1], [1, 1], [0.1, 1], [0, 1], [0.9, 1]], np.float32)
    vectors = unit_float16(rows)
    # The second comes, where before there were the others: it is the witness of the fifth, a copy of it, and of
    # the fourth, but not of the third and sixth, which are as they were; the second's own witness is the first.
    old = np.array([True, False, True, True, True, True])
    known, fresh, orphaned, groups = change(vectors, [0, 6], old, np.ones(6, np.bool_))
    assert (fresh.tolist(), orphaned.any()) == ([False, True, False, False, False, False], False)
    assert known.witness.tolist() == [-1, -1, 0, 2, 3, 2]
    found = updated_maxima(vectors, groups, known, fresh, orphaned)
    assert found.witness.tolist() == [-1, 0, 0, 1, 1, 2]
    assert np.isnan(found.similarity[0])
    assert np.allclose(
        found.similarity[1:], [0, np.sqrt(0.5), 1 / np.sqrt(1.01), 1, 1.9 / np.sqrt(2 * 1.81)], atol=1e-3
    )
    # It goes again, and those two are orphans: what it was not the witness of costs nothing.
    known, fresh, orphaned, groups = change(vectors, [0, 6], np.ones(6, np.bool_), old)
    assert orphaned.tolist() == [False, False, True, True, False]
    found = updated_maxima(vectors[old], groups, known, fresh, orphaned)
    assert found.witness.tolist() == [-1, 0, 1, 2, 1]


def test_a_first_document_takes_what_comes_before_it_and_another_may_become_the_first() -> None:
    vectors = some_units(6, 8)
    later, all_six = np.arange(6) > 1, np.ones(6, np.bool_)
    check(vectors, [0, 6], later, all_six, 1024)
    check(vectors, [0, 6], all_six, later, 1024)
    known, fresh, orphaned, groups = change(vectors, [0, 6], all_six, later)
    assert np.isnan(updated_maxima(vectors[later], groups, known, fresh, orphaned).similarity[0])


def test_of_equal_witnesses_the_earliest_stays_and_an_earlier_one_takes_over() -> None:
    vectors = np.repeat(some_units(1, 8), 5, axis=0)
    all_five = np.ones(5, np.bool_)
    for gone in range(5):
        others = np.arange(5) != gone
        check(vectors, [0, 5], others, all_five, 1024)
        check(vectors, [0, 5], all_five, others, 1024)
    known, fresh, orphaned, groups = change(vectors, [0, 5], np.arange(5) != 0, all_five)
    assert updated_maxima(vectors, groups, known, fresh, orphaned).witness.tolist() == [-1, 0, 0, 0, 0]


@given(
    n=st.integers(0, 60), width=st.integers(2, 9), seed=st.integers(0, 9), distinct=st.integers(1, 60),
    moved=st.sampled_from([0.02, 0.1, 0.4]), n_groups=st.integers(1, 4), block_rows=st.integers(1, 70),
)  # fmt: skip
def test_whatever_comes_and_goes_all_pairs_agree(
    n: int, width: int, seed: int, distinct: int, moved: float, n_groups: int, block_rows: int
) -> None:
    draw = generator(seed, "increment", n, distinct)
    vectors = some_units(60, width, seed)[draw.integers(0, distinct, n)]
    groups = [0, *np.sort(draw.integers(0, n + 1, n_groups - 1)).tolist(), n]
    old = draw.random(n) < draw.random()
    check(vectors, groups, old, old ^ (draw.random(n) < moved), block_rows)


@pytest.mark.parametrize("cost", [0, 10**9])
def test_pairs_one_by_one_and_whole_blocks_give_the_same(monkeypatch: pytest.MonkeyPatch, cost: int) -> None:
    monkeypatch.setattr(nearest_earlier, "_PAIR_COST", cost)  # never, or always, a whole block exactly
    for seed in range(30):
        draw = generator(seed, "ways")
        vectors = some_units(50, 6, seed)[draw.integers(0, 12 if seed % 2 else 50, 50)]
        old = draw.random(50) < 0.8
        check(vectors, [0, 20, 50], old, old ^ (draw.random(50) < 0.1), 16)


def test_near_ties_are_settled_exactly() -> None:
    """Copies that differ in the last bits of some coordinates: float32 alone would misjudge them."""
    base = some_units(1, 384).repeat(80, axis=0)
    draw = generator(0, "near ties")
    at = draw.integers(0, 384, (80, 3))
    for row in range(80):
        base.view(np.uint16)[row, at[row]] ^= 1
    old = draw.random(80) < 0.9
    check(base, [0, 80], old, np.ones(80, np.bool_), 1024)
    check(base, [0, 80], np.ones(80, np.bool_), old, 1024)


def test_few_changes_do_not_compare_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = some_units(400, 16)
    known, fresh, orphaned, groups = change(vectors, [0, 400], np.arange(400) != 7, np.ones(400, np.bool_))
    assert fresh.sum() + orphaned.sum() == 1
    compared: list[tuple[int, int]] = []

    def count(
        rows: Any, targets: NDArray[np.int64], sources: NDArray[np.int64], *rest: Any, **named: Any
    ) -> Any:
        compared.append((len(targets), len(sources)))
        return real(rows, targets, sources, *rest, **named)

    real = incremental_maxima.nearest_earlier
    monkeypatch.setattr(incremental_maxima, "nearest_earlier", count)
    updated_maxima(vectors, groups, known, fresh, orphaned)
    assert compared == [(1, 400), (399, int(fresh.sum()))]
    compared.clear()
    nobody = np.zeros(400, np.bool_)
    updated_maxima(vectors, groups, known, nobody, nobody)
    assert not compared  # nothing came, nothing went


def test_what_does_not_fit_together_is_refused() -> None:
    vectors, none = some_units(4, 8), np.zeros(4, np.bool_)
    known = NearestPredecessors(np.full(4, np.nan, np.float32), np.full(4, -1))
    for ranked, groups, fresh, block_rows, told in (
        (vectors[:3], [0, 4], none, 9, r"columns have \[3, 4\] rows"),
        (vectors, [0, 3], none, 9, r"groups go from \[0\] to \[3\]"),
        (vectors, [1, 4], none, 9, r"groups go from \[1\]"),
        (vectors, [0, 4], none, 0, "block_rows=0"),
        (
            vectors * np.float16(2),
            [0, 4],
            ~none,
            9,
            "fresh and orphaned rows of ranked must have rows of length 1",
        ),
    ):
        with pytest.raises(ArrayError, match=told):
            updated_maxima(ranked, groups, known, fresh, none, block_rows=block_rows)

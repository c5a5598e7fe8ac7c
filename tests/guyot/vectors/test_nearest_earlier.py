"""The nearest earlier are those of a naive float64 loop, to the bit: ties, copies, rotated or not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.corpus import some_units
from support.near_ties import in_bytes, naive_cosines, near_ties, rotated

from guyot.seeds import generator
from guyot.vectors import nearest_earlier as module
from guyot.vectors import threads, tiles
from guyot.vectors.nearest_earlier import nearest_earlier
from guyot.vectors.screen import UnitRows

sizes = st.integers(0, 60)
widths = st.integers(1, 64)
seeds = st.integers(0, 40)


def naive_earlier(
    similarity: NDArray[np.float32], targets: NDArray[np.int64], sources: NDArray[np.int64]
) -> tuple[list[float], list[int]]:
    """Return the highest similarity of each target to an earlier source, and the first that has it."""
    values, rows = [], []
    for target in targets:
        earlier = sources[sources < target]
        values.append(float(similarity[target, earlier].max(initial=-np.inf)))
        rows.append(int(earlier[similarity[target, earlier].argmax()]) if len(earlier) else -1)
    return values, rows


def check_earlier(
    vectors: NDArray[np.float16], targets: NDArray[np.int64], sources: NDArray[np.int64], block_rows: int
) -> None:
    similarity = naive_cosines(vectors, vectors)
    value, row = nearest_earlier(UnitRows.measured(vectors), targets, sources, block_rows=block_rows)
    assert (value.tolist(), row.tolist()) == naive_earlier(similarity, targets, sources)


@given(sizes, widths, seeds, st.integers(1, 70), st.booleans())
def test_nearest_earlier_is_the_naive_one(n: int, width: int, seed: int, block_rows: int, some: bool) -> None:
    vectors = near_ties(n, width, seed)
    draw = generator(seed, "some", n)
    targets, sources = (np.flatnonzero(draw.random(n) < (0.5 if some else 2)) for _ in range(2))
    check_earlier(vectors, targets, sources, block_rows)


@given(sizes, widths, seeds, st.integers(1, 70), st.integers(1, 9), st.booleans())
def test_a_rotation_changes_nothing(
    n: int, width: int, seed: int, block_rows: int, rotated_width: int, widens: bool
) -> None:
    with rotated(rotated_width, widens):
        check_earlier(near_ties(n, width, seed), np.arange(n), np.arange(n), block_rows)


@given(sizes, widths, seeds, st.integers(1, 70), st.booleans(), st.booleans())
def test_bytes_change_nothing(
    n: int, width: int, seed: int, block_rows: int, some: bool, widens: bool
) -> None:
    draw = generator(seed, "some", n)
    targets, sources = (np.flatnonzero(draw.random(n) < (0.5 if some else 2)) for _ in range(2))
    with in_bytes(widens):
        check_earlier(near_ties(n, width, seed), targets, sources, block_rows)


@given(sizes, widths, seeds, st.integers(1, 70), st.integers(0, 9))
def test_what_is_known_is_kept_unless_another_is_nearer_or_as_near_and_earlier(
    n: int, width: int, seed: int, block_rows: int, rotated_width: int
) -> None:
    vectors = near_ties(n, width, seed)
    came = generator(seed, "came", n).random(n) < 0.3
    every, rows = np.arange(n), UnitRows.measured(vectors)
    known = nearest_earlier(rows, every, np.flatnonzero(~came))
    with rotated(rotated_width):
        value, row = nearest_earlier(rows, every, np.flatnonzero(came), known, block_rows=block_rows)
    assert (value.tolist(), row.tolist()) == naive_earlier(naive_cosines(vectors, vectors), every, every)


@pytest.mark.parametrize("cost", [0, 10**9])
def test_pairs_one_by_one_and_whole_blocks_give_the_same(monkeypatch: pytest.MonkeyPatch, cost: int) -> None:
    monkeypatch.setattr(module, "_PAIR_COST", cost)  # never, or always, a whole block exactly
    for seed in range(20):
        vectors = near_ties(50, 6, seed)
        check_earlier(vectors, np.arange(50), np.arange(0, 50, 1 + seed % 2), 16)


@pytest.mark.parametrize("n_cores", [1, 3])
def test_panels_parts_and_threads_change_nothing(monkeypatch: pytest.MonkeyPatch, n_cores: int) -> None:
    monkeypatch.setattr(threads, "n_cores", lambda: n_cores)
    monkeypatch.setattr(module, "PANEL_ROWS", 16)
    monkeypatch.setattr(tiles, "TILE_ROWS", 8)
    vectors = near_ties(90, 12, 3)
    check_earlier(vectors, np.arange(90), np.arange(90), 32)
    for screened in (rotated(4), in_bytes()):
        with screened:
            check_earlier(vectors, np.arange(90), np.arange(90), 32)


def test_copies_in_the_last_bits_are_told_apart() -> None:
    vectors = some_units(1, 384).repeat(80, axis=0)
    at = generator(0, "bits").integers(0, 384, (80, 3))
    for row in range(80):
        vectors.view(np.uint16)[row, at[row]] ^= 1
    check_earlier(vectors, np.arange(80), np.arange(80), 1024)
    for screened in (rotated(16), in_bytes()):
        with screened:
            check_earlier(vectors, np.arange(80), np.arange(80), 16)


def test_few_pairs_are_compared_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    def count(self: UnitRows, rows: NDArray[np.int64], other: UnitRows, others: NDArray[np.int64]) -> object:
        compared.append(len(rows))
        return real(self, rows, other, others)

    def refuse(*_: object) -> None:
        raise AssertionError("a whole block")

    real = UnitRows.pair_cosines
    monkeypatch.setattr(UnitRows, "pair_cosines", count)
    monkeypatch.setattr(module, "cosines", refuse)
    every = np.arange(2000)
    nearest_earlier(UnitRows.measured(some_units(2000, 48)), every, every, block_rows=500)
    assert sum(compared) < 1.1 * 2000  # of two million


def test_nothing_is_nearest_to_nothing() -> None:
    none, rows = np.arange(0), UnitRows.measured(some_units(3, 4))
    assert nearest_earlier(rows, np.arange(3), none)[1].tolist() == [-1, -1, -1]
    assert len(nearest_earlier(rows, none, np.arange(3))[0]) == 0


@pytest.mark.parametrize("width", [2, 3, 4])
def test_rounding_that_reaches_its_bound_hides_nothing(width: int) -> None:
    with in_bytes():
        check_earlier(some_units(400, width), np.arange(400), np.arange(400), 1024)

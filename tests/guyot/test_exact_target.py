"""The first of a line up to a target: those that a sort of the whole line gives."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from guyot import exact_target
from guyot.exact_target import Line, first_up_to

EXTREMES = [-np.inf, -1.7e308, -1.0, -5e-324, 0.0, 5e-324, 1 / 3, 1.7e308, np.inf]
PLACES = st.sampled_from(EXTREMES) | st.floats(-2, 2) | st.floats(allow_nan=False)
DOCUMENTS = st.lists(st.tuples(PLACES, st.integers(0, 5) | st.just(2**57), st.booleans()), max_size=40)


def sorted_first(
    places: NDArray[np.float64], weights: list[int], alive: NDArray[np.bool_], target: int, reach: bool
) -> list[bool]:
    """Go along the sorted line, a document at a time, in whole numbers."""
    chosen, spent = [False] * len(places), 0
    for row in sorted(np.flatnonzero(alive).tolist(), key=lambda row: (places[row], row)):
        passes = spent + weights[row] > target
        if passes and not (reach and (spent < target or not any(chosen))):
            break
        chosen[row] = True
        spent += weights[row]
        if passes:
            break
    return chosen


@given(DOCUMENTS, st.fractions(0, 1), st.booleans(), st.integers(1, 50))
@example([(0.5, 1, True)] * 9, 0.5, False, 4)
@example([(1 + n * 2**-52, 1, True) for n in (3, 1, 2, 0, 4)], 0.4, True, 2)
@example([(0.0, 1, True), (0.5, 0, True), (1.0, 1, True)], 0.5, False, 2)
@example([(-1.7e308, 1, True), (1.7e308, 1, True), (0.0, 1, True), (np.inf, 1, True)], 0.5, False, 2)
@example([(np.inf, 1, True), (0.0, 1, True), (-np.inf, 1, True), (np.inf, 1, True)], 0.5, False, 3)
@example([(5e-324, 1, True), (0.0, 1, True), (5e-324, 1, True), (0.0, 1, True)], 0.5, False, 1)
def test_what_is_chosen_is_what_a_sort_of_the_line_gives(
    rows: list[tuple[float, int, bool]], fraction: float, reach: bool, at_once: int
) -> None:
    places, weights = np.array([row[0] for row in rows], np.float64), [row[1] for row in rows]
    alive = np.array([row[2] for row in rows], np.bool_)
    target = int(fraction * sum(weight for weight, lives in zip(weights, alive, strict=True) if lives))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact_target, "_AT_ONCE", at_once)
        found = first_up_to(Line(places.__getitem__, alive), np.array(weights, np.int64), target, reach=reach)
    assert found.tolist() == sorted_first(places, weights, alive, target, reach)


@pytest.mark.parametrize("levels", [[0.8], [0.0, 1e-9, 2e-9, 1.0], np.linspace(-1, 1, 10**6)])
def test_long_lines_are_met_to_the_document(levels: list[float]) -> None:
    rng = np.random.default_rng(0)
    places = rng.choice(levels, 300_000)
    alive = rng.random(len(places)) < 0.9
    line = Line(places.__getitem__, alive)
    for target in (0, 1, 123_456, int(alive.sum())):
        chosen = first_up_to(line, np.ones(len(places), np.int64), target)
        assert chosen.sum() == target
        assert not (chosen & ~alive).any()
        left = np.where(alive & ~chosen, places, np.inf)
        last = places.max(where=chosen, initial=-np.inf)
        assert last <= left.min()
        equal = chosen[alive & (places == last)]
        assert (equal[:-1] >= equal[1:]).all(), "of equals the lower rows"


@pytest.mark.parametrize("spread", ["even", "one giant", "clumped", "few", "equal", "endless"])
def test_only_documents_near_the_target_are_sorted(spread: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sorted_ones: list[int] = []
    argsort = np.argsort

    def counting(values: NDArray[np.float64], **how: str) -> NDArray[np.intp]:
        sorted_ones.append(len(values))
        return argsort(values, kind="stable")

    rng = np.random.default_rng(1)
    places = {
        "even": rng.random(200_000),
        "one giant": np.append(rng.random(199_999), 1e12),  # all others are in one bin at first
        "clumped": np.append(rng.random(60_000), 10 + 1e-9 * rng.random(140_000)),
        "few": rng.integers(0, 3, 200_000).astype(np.float64),
        "equal": np.full(200_000, 0.5),
        "endless": np.full(200_000, np.inf),
    }[spread]
    line, weights = Line(places.__getitem__, np.ones(len(places), np.bool_)), np.ones(len(places), np.int64)
    monkeypatch.setattr(exact_target.np, "argsort", counting)
    monkeypatch.setattr(exact_target, "_AT_ONCE", 1_000)
    chosen = first_up_to(line, weights, 70_000)
    expected = np.zeros(200_000, np.bool_)
    expected[argsort(places, kind="stable")[:70_000]] = True
    assert (chosen == expected).all()
    assert sum(sorted_ones) <= 1_000


def test_places_of_all_magnitudes_take_few_looks() -> None:
    looks = 0
    places = 10.0 ** np.random.default_rng(2).uniform(-150, 150, 100_000)

    def counted(part: slice) -> NDArray[np.float64]:
        nonlocal looks
        looks += 1
        return places[part]

    chosen = first_up_to(Line(counted, np.ones(100_000, np.bool_)), np.ones(100_000, np.int64), 40_000)
    expected = np.zeros(100_000, np.bool_)
    expected[np.argsort(places, kind="stable")[:40_000]] = True
    assert (chosen == expected).all()
    assert looks <= 30 * len(range(0, 100_000, exact_target._AT_ONCE))

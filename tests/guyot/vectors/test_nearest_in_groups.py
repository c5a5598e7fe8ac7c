"""The two nearest in the nearest groups are those of a naive float64 loop, to the bit, in any blocks and threads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.corpus import some_units
from support.near_ties import naive_cosines, near_ties

from guyot.vectors import nearest_in_groups as module
from guyot.vectors import threads
from guyot.vectors.nearest import nearest_two
from guyot.vectors.nearest_in_groups import GroupedRows, nearest_two_in_groups
from guyot.vectors.screen import UnitRows

Vectors = NDArray[np.float16]


def begins_of(k: int, n_groups: int, seed: int) -> NDArray[np.int64]:
    cuts = np.random.default_rng(seed).permutation(np.arange(1, k))[: n_groups - 1]
    return np.array([0, *np.sort(cuts), k])


def check_two(
    vectors: Vectors, members: Vectors, groups: Vectors, begins: NDArray[np.int64], margin: float, block_rows: int
) -> None:  # fmt: skip
    of_groups, of_members = naive_cosines(vectors, groups), naive_cosines(vectors, members)
    grouped = GroupedRows(UnitRows.measured(members), UnitRows.measured(groups), begins)
    found = nearest_two_in_groups(UnitRows.measured(vectors), grouped, margin, block_rows=block_rows)
    for row in range(len(vectors)):
        order = np.argsort(-of_groups[row], kind="stable")[: module.MAX_PROBES]
        near = [g for g in order if of_groups[row, g] >= of_groups[row].max() - np.float32(margin)]
        if sum(begins[g + 1] - begins[g] for g in near) < 2:
            near = np.argsort(-of_groups[row], kind="stable")[:2].tolist()
        inside = np.concatenate([np.arange(begins[g], begins[g + 1]) for g in sorted(near)])
        best = inside[np.argsort(-of_members[row, inside], kind="stable")][:2]
        for (value, number), wanted in zip(found, best, strict=False):
            assert number[row] == wanted
            assert value[row] == of_members[row, wanted]
        if len(best) == 1:
            assert (found[1][1][row], found[1][0][row]) == (-1, -np.inf)


@given(
    st.integers(0, 40), st.integers(1, 30), st.integers(1, 9), st.integers(1, 48), st.integers(0, 40),
    st.floats(0, 1), st.integers(1, 50), st.sampled_from([1, 2, 16]),
)  # fmt: skip
def test_they_are_the_naive_ones(
    n: int, k: int, n_groups: int, width: int, seed: int, margin: float, block_rows: int, most: int
) -> None:
    n_groups = min(n_groups, k)
    groups = near_ties(n_groups, width, seed + 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_PROBES", most)
        check_two(
            near_ties(n, width, seed), near_ties(k, width, seed), groups, begins_of(k, n_groups, seed), margin,
            block_rows,
        )  # fmt: skip


@pytest.mark.parametrize("n_cores", [1, 3])
def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch, n_cores: int) -> None:
    monkeypatch.setattr(threads, "n_cores", lambda: n_cores)
    monkeypatch.setattr(module, "_EXACT_ELEMENTS", 1)
    check_two(near_ties(90, 12, 3), near_ties(20, 12, 4), near_ties(5, 12, 5), begins_of(20, 5, 1), 0.2, 16)


def test_a_group_of_one_member_is_not_looked_at_alone() -> None:
    members, begins = some_units(9, 24, 2), np.array([0, 1, 2, 9])
    check_two(some_units(200, 24, 1), members, members[[0, 1, 4]], begins, 0.0, 64)
    rows = UnitRows.measured(some_units(200, 24, 1))
    grouped = GroupedRows(UnitRows.measured(members), UnitRows.measured(members[[0, 1, 4]]), begins)
    assert (nearest_two_in_groups(rows, grouped, 0.0)[1][1] >= 0).all()


def test_a_margin_that_holds_all_groups_finds_the_nearest_of_all() -> None:
    rows, members = UnitRows.measured(some_units(300, 24, 1)), UnitRows.measured(some_units(60, 24, 2))
    grouped = GroupedRows(members, UnitRows.measured(some_units(9, 24, 3)), begins_of(60, 9, 0))
    for mine, other in zip(
        nearest_two_in_groups(rows, grouped, 2.0), nearest_two(rows, members), strict=True
    ):
        assert mine[0].tobytes() == other[0].tobytes()
        assert mine[1].tobytes() == other[1].tobytes()


def test_only_few_rows_are_compared_exactly_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    def count(cosine: NDArray[np.float32]) -> object:
        compared.append(len(cosine))
        return real(cosine)

    real = module.two_highest
    monkeypatch.setattr(module, "two_highest", count)
    check_two(
        some_units(400, 48, 1), some_units(60, 48, 2), some_units(6, 48, 3), begins_of(60, 6, 0), 0.1, 100
    )
    assert sum(compared) < 8


def test_a_group_at_the_margin_itself_is_looked_at() -> None:
    rows, members, groups = some_units(200, 48, 1), some_units(40, 48, 2), some_units(12, 48, 3)
    top = np.sort(naive_cosines(rows, groups), axis=1)[:, :-3:-1]
    gaps = top[:, 0] - top[:, 1]
    exact = np.flatnonzero((top[:, 0] - gaps == top[:, 1]) & (top[:, 1] > 0))
    assert len(exact) > 50
    for row in exact:
        check_two(rows[row : row + 1], members, groups, begins_of(40, 12, 0), float(gaps[row]), 1)

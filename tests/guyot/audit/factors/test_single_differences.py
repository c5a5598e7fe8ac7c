"""Pairs that differ in one factor: those that a loop over all pairs finds."""

import itertools
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.audit.factors.factor import Factor, factor_of
from guyot.audit.factors.single_differences import MAX_OF_A_GROUP, single_differences

single_differences_module = sys.modules[single_differences.__module__]


@given(st.lists(st.tuples(st.integers(-1, 2), st.integers(0, 2), st.integers(0, 1)), max_size=14))
def test_they_are_those_of_all_pairs(documents: list[tuple[int, int, int]]) -> None:
    level = np.array(documents, np.int32).reshape(-1, 3).T
    factors = [Factor(f"f{i}", own, tuple("abc")) for i, own in enumerate(level)]
    rows = np.arange(len(documents))[1:]
    found = single_differences(factors, rows, max_pairs=1000, seed=0)
    for number, pairs in enumerate(found):
        expected = {
            (a, b) for a, b in itertools.combinations(rows.tolist(), 2)
            if level[:, [a, b]].min() >= 0 and np.flatnonzero(level[:, a] != level[:, b]).tolist() == [number]
        }  # fmt: skip
        assert {tuple(sorted(pair)) for pair in pairs.tolist()} == expected
        assert len(pairs) == len(expected)


def test_documents_of_equal_hashes_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    def zeros(low: int, high: int, size: int, dtype: type) -> Any:
        return np.zeros(size, dtype)

    monkeypatch.setattr(single_differences_module, "generator", lambda *_: SimpleNamespace(integers=zeros))
    shape, yaw = factor_of("shape", ["cube", "cone", "cube"]), factor_of("yaw", [0.0, 90.0, 90.0])
    of_shape, of_yaw = single_differences([shape, yaw], np.arange(3), max_pairs=9, seed=0)
    assert (of_shape.tolist(), of_yaw.tolist()) == ([[1, 2]], [[0, 2]])


def test_large_groups_and_many_pairs_are_bounded() -> None:
    shape = factor_of("shape", [f"{i % 40}" for i in range(400)])
    colour = factor_of("colour", ["red"] * 400)
    pairs, none = single_differences([shape, colour], np.arange(400), max_pairs=10_000, seed=0)
    assert len(pairs) == MAX_OF_A_GROUP * (MAX_OF_A_GROUP - 1) // 2
    assert len(none) == 0
    assert len(single_differences([shape, colour], np.arange(400), max_pairs=7, seed=0)[0]) == 7
    assert single_differences([], np.arange(4), max_pairs=7, seed=0) == []

"""The strongest of each group are those of sorting all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot import strongest as module
from guyot.strongest import StrongestRecords, strongest

quarters = st.sampled_from([0.0, 0.25, 0.5, 1.0])
members = st.lists(st.tuples(st.integers(0, 4), quarters, quarters), max_size=50).map(
    lambda rows: sorted(rows, key=lambda row: row[0])
)


def by_sorting(rows: list[tuple[int, float, float]], most: int) -> list[bool]:
    order = sorted(range(len(rows)), key=lambda at: (rows[at][0], -rows[at][1], -rows[at][2], at))
    chosen, seen = [False] * len(rows), {group: 0 for group, _, _ in rows}
    for at in order:
        seen[rows[at][0]] += 1
        chosen[at] = seen[rows[at][0]] <= most
    return chosen


@given(members, st.integers(1, 7), st.integers(1, 60))
def test_they_are_those_of_sorting(rows: list[tuple[int, float, float]], most: int, at_once: int) -> None:
    columns = [np.array([row[i] for row in rows], np.int64 if i == 0 else np.float64) for i in range(3)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_AT_ONCE", at_once)
        assert strongest(columns[0], columns[1:], most).tolist() == by_sorting(rows, most)


def test_of_a_document_each_set_has_its_own() -> None:
    wanted = StrongestRecords(np.array([1, 0, 1, 1]), 1)
    document, record = np.array([0, 0, 0, 2, 2, 2]), np.array([0, 1, 2, 1, 2, 3])
    overlap = np.array([0.5, 0.1, 0.9, 0.1, 0.4, 0.4])
    assert wanted.of(document, record, overlap).tolist() == [False, True, True, True, True, False]


def test_without_members_there_is_nothing() -> None:
    assert strongest(np.zeros(0, np.int64), [np.zeros(0)], 3).tolist() == []
    nobody = np.zeros(0, np.int64)
    assert StrongestRecords(np.zeros(0, np.int16), 3).of(nobody, nobody, np.zeros(0)).tolist() == []

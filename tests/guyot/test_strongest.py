"""The strongest of each group are those of sorting all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot import strongest as module
from guyot.seeds import generator
from guyot.strongest import StrongestRecords, strongest


def by_sorting(rows: list[tuple[int, float, float]], most: int) -> list[bool]:
    order = sorted(range(len(rows)), key=lambda at: (rows[at][0], -rows[at][1], -rows[at][2], at))
    chosen, seen = [False] * len(rows), {group: 0 for group, _, _ in rows}
    for at in order:
        seen[rows[at][0]] += 1
        chosen[at] = seen[rows[at][0]] <= most
    return chosen


@given(st.integers(0, 10_000), st.integers(0, 200), st.integers(1, 7), st.integers(1, 300))
def test_they_are_those_of_sorting(seed: int, n_rows: int, most: int, at_once: int) -> None:
    draw = generator(seed, "strongest")
    group = np.sort(draw.integers(0, 5, n_rows))
    measures = [draw.integers(0, 4, n_rows) / 4 for _ in range(2)]  # most of them are equal
    rows = list(zip(group.tolist(), *(measure.tolist() for measure in measures), strict=True))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_AT_ONCE", at_once)
        assert strongest(group, measures, most).tolist() == by_sorting(rows, most)


def test_of_a_document_each_set_has_its_own() -> None:
    wanted = StrongestRecords(np.array([1, 0, 1, 1]), 1)
    document, record = np.array([0, 0, 0, 2, 2, 2]), np.array([0, 1, 2, 1, 2, 3])
    overlap = np.array([0.5, 0.1, 0.9, 0.1, 0.4, 0.4])
    assert wanted.of(document, record, overlap).tolist() == [False, True, True, True, True, False]


def test_without_members_there_is_nothing() -> None:
    assert strongest(np.zeros(0, np.int64), [np.zeros(0)], 3).tolist() == []
    nobody = np.zeros(0, np.int64)
    assert StrongestRecords(np.zeros(0, np.int16), 3).of(nobody, nobody, np.zeros(0)).tolist() == []

"""Places in a line, and sums within groups, by hand."""

import numpy as np

from guyot.prune.ordering import firsts, inverse, places, spent_within


def test_those_not_in_line_stand_behind_it() -> None:
    assert places(np.array([3, 1]), 4).tolist() == [4, 1, 4, 0]
    assert places(np.zeros(0, np.int64), 2).tolist() == [2, 2]


def test_sums_begin_anew_with_each_group() -> None:
    group = np.array([2, 2, 5, 7, 7, 7], np.int32)
    assert spent_within(np.array([3, 1, 9, 0, 2, 4]), group).tolist() == [3, 4, 9, 0, 2, 6]
    assert firsts(group).tolist() == [0, 2, 3]
    none = np.zeros(0, np.int32)
    assert spent_within(np.zeros(0, np.int64), none).tolist() == firsts(none).tolist() == []


def test_the_inverse_of_an_order_says_where_each_row_stands() -> None:
    order = np.array([3, 1, 0, 2])
    assert inverse(order)[order].tolist() == [0, 1, 2, 3]
    assert inverse(order[:0]).tolist() == []

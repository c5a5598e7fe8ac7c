"""SPL, worked out by hand."""

import numpy as np
import pytest

from guyot.errors import ArrayError
from guyot.navigation.scores import spl


def test_a_detour_costs_and_a_failure_is_nothing():
    found = spl(np.array([True, True, False]), np.array([10, 20, 5]), np.array([10, 10, 10]))
    assert found.dtype == np.float64
    assert found.tolist() == [1.0, 0.5, 0.0]


def test_more_than_all_is_not_to_be_had():
    assert spl(np.array([True]), np.array([9]), np.array([10])).tolist() == [1.0]


def test_what_cannot_be_is_refused():
    yes = np.array([True])
    for moves, geodesic in (([1, 2], [1]), ([1], [1, 2]), ([[1]], [1])):
        with pytest.raises(ArrayError, match=r"give \[n\] of each"):
            spl(yes, np.array(moves), np.array(geodesic))
    for moves, geodesic in (([1], [0]), ([-1], [1])):
        with pytest.raises(ArrayError, match="at least 1 and 0"):
            spl(yes, np.array(moves), np.array(geodesic))
    assert spl(yes[:0], np.zeros(0, int), np.zeros(0, int)).shape == (0,)

"""Precision and recall of known copies, by hand."""

import numpy as np
import pytest

from guyot.audit.factors.known_duplicates import copies_with_originals, duplicates_found

GROUP = np.array([0, 0, 0, 1, 1, 2, -1], np.int32)  # three copies, two copies, one alone, one unknown


@pytest.mark.parametrize(
    ("pairs", "precision", "recall"),
    [
        ([(1, 0), (2, 0), (4, 3)], (3, 3), (3, 3)),
        ([(1, 0), (5, 0), (6, 0)], (1, 2), (1, 3)),  # the pair with the unknown one is not judged
        ([(0, 3), (3, 5)], (0, 2), (0, 3)),
        ([(0, 1), (1, 2), (2, 0)], (3, 3), (2, 3)),  # all copies of a group went: only two are in excess
    ],
)
def test_by_hand(pairs: list[tuple[int, int]], precision: tuple[int, int], recall: tuple[int, int]) -> None:
    removed, witness = np.array(pairs).T
    found = duplicates_found(GROUP, removed, witness)
    assert found.precision is not None
    assert found.recall is not None
    assert (found.precision.value * found.precision.n, found.precision.n) == pytest.approx(precision)
    assert (found.recall.value * found.recall.n, found.recall.n) == pytest.approx(recall)


def test_where_nothing_is_removed_or_known_there_is_no_share() -> None:
    none = np.zeros(0, np.int64)
    found = duplicates_found(GROUP, none, none)
    assert found.precision is None
    assert found.recall is not None
    assert found.recall.value == 0
    unknown = duplicates_found(np.full(3, -1, np.int32), np.array([1]), np.array([0]))
    assert (unknown.precision, unknown.recall) == (None, None)


def test_copies_are_paired_with_the_first_original_of_their_group() -> None:
    is_original = np.array([False, True, True, False, False, True, True])
    copies, originals = copies_with_originals(GROUP, is_original)
    assert list(zip(copies.tolist(), originals.tolist(), strict=True)) == [(0, 1), (2, 1)]
    assert len(copies_with_originals(np.full(2, -1, np.int32), np.ones(2, np.bool_))[0]) == 0

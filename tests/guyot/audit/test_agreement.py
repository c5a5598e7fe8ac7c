"""Agreement: as sets have it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from guyot.audit.agreement import agreement, alone, alone_by_group

masks = st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=4)


@given(masks)
def test_counts_are_those_of_sets(rows: list[list[bool]]) -> None:
    dropped = np.array(rows)
    sets = [set(np.flatnonzero(row).tolist()) for row in dropped]
    found, only = agreement(dropped), alone(dropped)
    for i, one in enumerate(sets):
        others = set().union(*(s for j, s in enumerate(sets) if j != i))
        assert set(np.flatnonzero(only[i]).tolist()) == one - others
        for j, other in enumerate(sets):
            assert (found.both[i, j], found.either[i, j]) == (len(one & other), len(one | other))
            assert np.isnan(found.jaccard[i, j]) == (not one | other)
            if one | other:
                assert found.jaccard[i, j] == len(one & other) / len(one | other)


def test_no_recipes_at_all() -> None:
    assert agreement(np.zeros((0, 5), bool)).both.shape == (0, 0)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 10**9)), max_size=40))
def test_groups_are_counted_as_one_by_one(documents: list[tuple[bool, int, int]]) -> None:
    only = np.array([is_alone for is_alone, _, _ in documents], np.bool_)
    group = np.array([number for _, number, _ in documents], np.int32)
    tokens = np.array([weight for _, _, weight in documents], np.int64)
    counted, summed = alone_by_group(only, group, 6, tokens)
    for number in range(6):
        mine = [weight for is_alone, own, weight in documents if is_alone and own == number]
        assert (counted[number], summed[number]) == (len(mine), sum(mine))

"""Agreement: as sets have it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from guyot.audit.agreement import agreement, alone

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

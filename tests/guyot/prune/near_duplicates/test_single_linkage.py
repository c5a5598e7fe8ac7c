"""Families: by hand, and at every threshold those of a naive search of linked documents."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.prune.near_duplicates.single_linkage import single_linkage
from guyot.prune.witness import kept_witness

linked = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 11), st.sampled_from([0.5, 0.6, 0.75, 0.9, 1.0])),
    max_size=40,
)


def families(n: int, pairs: list[tuple[int, int, float]], limit: float) -> list[int]:
    """Name each document's family by its lowest member, by spreading names until nothing changes."""
    name = list(range(n))
    changed = True
    while changed:
        changed = False
        for one, other, value in pairs:
            low = min(name[one], name[other])
            if value >= limit and (name[one], name[other]) != (low, low):
                name[one] = name[other] = low
                changed = True
    return name


@given(linked, st.sampled_from([0.5, 0.6, 0.7, 0.8, 0.95]))
def test_at_any_threshold_all_but_the_lowest_of_each_family_have_that_height(
    pairs: list, limit: float
) -> None:
    pairs = [(max(a, b), min(a, b), v) for a, b, v in pairs if a != b]
    later, earlier, value = (np.array([p[i] for p in pairs]) for i in range(3))
    found = single_linkage(12, later.astype(int), earlier.astype(int), value.astype(float))
    names = families(12, pairs, limit)
    goes = np.nan_to_num(found.height, nan=0) >= limit
    assert goes.tolist() == [names[i] != i for i in range(12)]
    keeper = kept_witness(found.witness, ~goes)
    assert all(keeper[i] == names[i] for i in np.flatnonzero(goes))


def test_a_chain_by_hand() -> None:
    #   0 -.6- 3 -.9- 1 -.8- 2: at .8 the family of 1 has lost 3 and 2; at .6 it joins 0 and 1 goes too
    found = single_linkage(4, np.array([3, 3, 2]), np.array([0, 1, 1]), np.array([0.6, 0.9, 0.8]))
    assert found.height.tolist() == pytest.approx([np.nan, 0.6, 0.8, 0.9], nan_ok=True)
    assert found.witness.tolist() == [-1, 0, 1, 1]

"""Witnesses: each line of dropped documents leads to its first kept one, or to none."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from guyot.prune.witness import kept_witness


@given(st.lists(st.tuples(st.integers(-1, 30), st.booleans()), max_size=30))
def test_a_line_is_followed_to_the_first_that_is_kept(rows: list[tuple[int, bool]]) -> None:
    witness = np.array([min(before, i - 1) for i, (before, _) in enumerate(rows)], np.int64)
    kept = np.array([keeps for _, keeps in rows], bool)
    for row, found in enumerate(kept_witness(witness, kept)):
        at = witness[row]
        while at >= 0 and not kept[at]:
            at = witness[at]
        assert found == at

"""Uncovered documents, counted against all cosines."""

import numpy as np
from support.corpus import Lists, some_units

from guyot.prune.near_duplicates.uncovered import count_uncovered
from guyot.seeds import generator


def test_uncovered_ones_are_counted_among_all_kept() -> None:
    vectors = some_units(30, 3, 5)
    distance = generator(0, "d").uniform(size=30).astype(np.float32)
    dropped = generator(1, "d").uniform(size=30) < 0.5
    wide = vectors.astype(np.float64)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    similarity = wide @ wide.T
    nobody = np.where(dropped, np.flatnonzero(dropped)[0], 0)
    expected = sum(not (similarity[i, ~dropped] > 0.8).any() for i in np.flatnonzero(dropped))
    assert count_uncovered(Lists(vectors, distance), dropped, ~dropped, nobody, 0.8) == expected > 0

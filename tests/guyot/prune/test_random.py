"""The control draws evenly, and each document's lot is its own."""

import numpy as np

from guyot.prune.random import Random, random_scores
from guyot.seeds import generator


def test_lots_stay_when_others_come_and_go() -> None:
    ids = generator(0, "ids").integers(0, 2**63, 50).astype(np.uint64)
    assert np.array_equal(
        random_scores(ids, Random()).values[10:20], random_scores(ids[10:20], Random()).values
    )


def test_another_seed_is_another_lot() -> None:
    ids = np.arange(50, dtype=np.uint64)
    assert not np.array_equal(random_scores(ids, Random()).values, random_scores(ids, Random(seed=1)).values)

"""Maxima among the living are those of a lake in which the dropped had never been."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.corpus import Lists, some_units

from guyot.prune.near_duplicates.living_maxima import maxima_among
from guyot.prune.near_duplicates.maxima import NearestPredecessors, nearest_predecessors, rank
from guyot.seeds import generator


@given(st.integers(2, 60), st.integers(0, 20))
def test_the_living_are_scored_as_if_the_dropped_had_never_been(n: int, seed: int) -> None:
    draw = generator(seed, "living")
    vectors, distance = some_units(n, 4, seed), draw.uniform(size=n).astype(np.float32)
    alive = draw.uniform(size=n) < 0.6
    order = rank(distance)
    stored = nearest_predecessors(vectors[order])
    similarity, witness = np.empty(n, np.float32), np.empty(n, np.int64)
    similarity[order] = stored.similarity
    witness[order] = np.where(stored.witness < 0, -1, order[stored.witness])
    found = maxima_among(
        NearestPredecessors(similarity, witness), lambda: Lists(vectors, distance), alive, np.argsort(order)
    )
    left = order[alive[order]]
    anew = nearest_predecessors(vectors[left])
    assert np.array_equal(found.similarity[left], anew.similarity, equal_nan=True)
    assert found.witness[left].tolist() == np.where(anew.witness < 0, -1, left[anew.witness]).tolist()

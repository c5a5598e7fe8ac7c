"""Maxima among the living are those of a lake in which the dropped had never been."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.corpus import Lists, some_units

from guyot.prune.near_duplicates.living_maxima import maxima_among
from guyot.prune.near_duplicates.maxima import NearestPredecessors, nearest_predecessors, rank
from guyot.seeds import generator
from guyot.vectors import threads
from guyot.vectors.exact import cosines


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


class Overlapping:
    """Lists that share documents."""

    def __init__(self, vectors: np.ndarray, lists: list[np.ndarray]) -> None:
        self.vectors, self._lists = vectors, lists

    def lists(self, wanted: np.ndarray | None = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for rows in self._lists:
            if wanted is None or wanted[rows].any():
                yield rows, self.vectors[rows]

    def maxima(self, alive: np.ndarray, place: np.ndarray) -> NearestPredecessors:
        """Look at all pairs of each list: the highest cosine, of equal ones the first in the visiting order."""
        similarity, found = cosines(self.vectors, self.vectors), {}
        for rows in self._lists:
            living = rows[alive[rows]]
            for at, row in enumerate(living):
                for other in living[:at]:
                    candidate = (-similarity[row, other], place[other], other)
                    found[row] = min(found.get(row, (np.inf, 0, -1)), candidate)
        none = (np.nan, 0, -1)
        best = [found.get(row, none) for row in range(len(alive))]
        return NearestPredecessors(
            np.array([-b[0] for b in best], np.float32), np.array([b[2] for b in best])
        )


@pytest.mark.parametrize("n_cores", [1, 3])
@pytest.mark.parametrize("seed", range(12))
def test_lists_that_share_documents_are_merged(
    monkeypatch: pytest.MonkeyPatch, n_cores: int, seed: int
) -> None:
    monkeypatch.setattr(threads, "n_cores", lambda: n_cores)
    n, draw = 40, generator(seed, "overlapping")
    vectors = some_units(n, 3, seed)
    vectors[draw.integers(0, n, 15)] = vectors[draw.integers(0, n, 15)]  # copies, so that there are ties
    order = rank(draw.uniform(size=n).astype(np.float32))
    place, alive = np.argsort(order), draw.uniform(size=n) < 0.6
    compared = Overlapping(vectors, [order[draw.uniform(size=n) < 0.5] for _ in range(6)])
    found = maxima_among(compared.maxima(np.ones(n, bool), place), lambda: compared, alive, place)
    expected = compared.maxima(alive, place)
    assert np.array_equal(found.similarity[alive], expected.similarity[alive], equal_nan=True)
    assert found.witness[alive].tolist() == expected.witness[alive].tolist()

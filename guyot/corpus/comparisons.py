"""Vectors and comparison lists in memory, and each document's nearest predecessor in them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.assign import Assignments
from guyot.cut import NO_WITNESS
from guyot.prune.near_duplicates.comparison_lists import (
    NO_VISIT,
    Lists,
    best_of_entries,
    comparison_lists,
    visited_clusters,
)
from guyot.prune.near_duplicates.maxima import NearestPredecessors
from guyot.prune.near_duplicates.maxima import nearest_predecessors as nearest_in_list

ALL_PAIRS_DOCUMENTS = 20_000  # up to here duplicates are sought among all documents, beyond per cluster
BORDER_MARGIN = 0.05


@dataclass(frozen=True)
class VectorsInMemory:
    """Vectors as methods read them, see `guyot.vectors.exact.VectorBlocks`.

    vectors : float16[n, d], rows of unit length
    """

    vectors: NDArray[np.float16]

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield all at once: rows int64[n], vectors float16[n, d]."""
        yield np.arange(len(self.vectors)), self.vectors


@dataclass(frozen=True)
class ListsInMemory:
    """Documents that are compared, see `guyot.vectors.exact.ComparisonLists`.

    vectors : float16[n, d], rows of unit length
    placed : the place of each document in its list, or lists
    """

    vectors: NDArray[np.float16]
    placed: Lists

    def lists(
        self, wanted: NDArray[np.bool_] | None = None
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield (rows int64[m] in visiting order, vectors float16[m, d]) of each list that is not empty.

        Parameters
        ----------
        wanted : bool[n], lists without such a document are left out; None: all lists
        """
        begins = self.placed.begins
        for begin, end in zip(begins, begins[1:], strict=False):
            rows = self.placed.document[begin:end].astype(np.int64)
            if len(rows) and (wanted is None or wanted[rows].any()):
                yield rows, self.vectors[rows]


def lists_of(assigned: Assignments, vectors: NDArray[np.float16], n_clusters: int) -> ListsInMemory:
    """Put documents into comparison lists: one of all, or beyond ALL_PAIRS_DOCUMENTS one for each cluster.

    Parameters
    ----------
    vectors : float16[n, d], rows of unit length

    Notes
    -----
    As the graph does by default: a document whose second centroid is at most BORDER_MARGIN farther than its
    own is in both lists.
    """
    if len(vectors) <= ALL_PAIRS_DOCUMENTS:
        own, visited = np.zeros_like(assigned.cluster), np.full_like(assigned.cluster, NO_VISIT)
        return ListsInMemory(vectors, comparison_lists(assigned.distance, own, visited, 1))
    visited = visited_clusters(
        assigned.distance, assigned.second_cluster, assigned.second_distance, BORDER_MARGIN
    )
    placed = comparison_lists(assigned.distance, assigned.cluster, visited, n_clusters)
    return ListsInMemory(vectors, placed)


def nearest_predecessors(compared: ListsInMemory, distance: NDArray[np.float32]) -> NearestPredecessors:
    """Find each document's most similar earlier one, in visiting order, in all the lists that it is in.

    Parameters
    ----------
    distance : float32[n], cosine distance to the own centroid

    Returns
    -------
    NearestPredecessors over rows.

    Notes
    -----
    O(m^2 d / 2) for a list of m documents, the same bits in any blocking.

    Examples
    --------
    >>> from guyot.vectors.exact import unit_float16
    >>> vectors = unit_float16(np.array([[1, 0], [0, 1], [1, 0]], np.float32))
    >>> far, none = np.array([0.1, 0.3, 0.2], np.float32), np.full(3, -1, np.int32)
    >>> lists = ListsInMemory(vectors, comparison_lists(far, np.zeros(3, np.int32), none, 1))
    >>> nearest_predecessors(lists, far).witness.tolist()
    [2, -1, 1]
    """
    placed = compared.placed
    similarity = np.full(len(placed.document), np.nan, np.float32)
    witness = np.full(len(placed.document), NO_WITNESS, np.int64)
    for begin, end in zip(placed.begins, placed.begins[1:], strict=False):
        rows = placed.document[begin:end]
        if len(rows):
            found = nearest_in_list(compared.vectors[rows])
            similarity[begin:end] = found.similarity
            witness[begin:end] = np.where(found.witness < 0, NO_WITNESS, rows[found.witness])
    entries = NearestPredecessors(np.empty_like(similarity), np.empty_like(witness))
    entries.similarity[placed.entries] = similarity
    entries.witness[placed.entries] = witness
    return best_of_entries(entries, distance, np.flatnonzero(placed.visiting != NO_VISIT))

"""Comparison lists of SemDeDup: a document near a border also visits its second nearest cluster.

A near-duplicate pair may lie on two sides of a border. So a document whose two nearest centroids are
about as near is compared in both clusters' lists. Its place in one list is an *entry*: each document has
one in the list of its own cluster, and a visitor has a second. Entries are numbered: first all documents'
own, in their order, then the visitors'. Every list has the same visiting order, that of `semdedup.rank`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS
from guyot.errors import ArrayError
from guyot.narrow import Rows
from guyot.prune.near_duplicates.maxima import NearestPredecessors, rank

NO_VISIT = -1
_MOST_DOCUMENTS = 2**30 - 1  # with two entries each, 31 bits number them
_LOW_BITS = np.uint64(2**32 - 1)
_ENTRIES_AT_ONCE = 1 << 16  # of which temporary arrays are made


def visited_clusters(
    distance: NDArray[np.float32],
    second_cluster: NDArray[np.int32],
    second_distance: NDArray[np.float32],
    border_margin: float,
) -> NDArray[np.int32]:
    """Return each document's border cluster: its second nearest, if that is hardly farther.

    Parameters
    ----------
    distance : float32[n], cosine distance to the own centroid
    second_cluster : int32[n]
    second_distance : float32[n], cosine distance to its centroid; nan where there is no second
    border_margin : the maximum difference of the distances; 0: no border clusters

    Returns
    -------
    int32[n], -1 where none

    Examples
    --------
    >>> near, far = np.array([0.25, 0.25], np.float32), np.array([0.26, 0.75], np.float32)
    >>> visited_clusters(near, np.array([7, 8], np.int32), far, 0.1).tolist()
    [7, -1]
    """
    visits = (border_margin > 0) & (second_distance - distance <= np.float32(border_margin))
    return np.where(visits, second_cluster, np.int32(NO_VISIT))


@dataclass(frozen=True)
class Lists:
    """The m entries of n documents: list by list, each list in visiting order.

    document : int32[m], the document of each entry
    begins : where each list begins, and m
    own : int32[n], each document's place in its own list
    visiting : int32[n], its place in the list that it visits; -1 where none
    """

    document: NDArray[np.int32]
    begins: list[int]
    own: NDArray[np.int32]
    visiting: NDArray[np.int32]

    @property
    def entries(self) -> NDArray[np.int32]:
        """The number of the entry at each place: int32[m]."""
        places = np.concatenate([self.own, self.visiting[self.visiting != NO_VISIT]])
        found = np.empty_like(places)
        found[places] = np.arange(len(places), dtype=places.dtype)
        return found

    def holding(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the numbers of the lists that hold a chosen entry: int64[l], ascending.

        Parameters
        ----------
        chosen : bool[m], by place
        """
        is_held, begins = np.zeros(len(self.begins) - 1, np.bool_), np.asarray(self.begins)
        for begin in range(0, len(chosen), _ENTRIES_AT_ONCE):
            places = begin + np.flatnonzero(chosen[begin : begin + _ENTRIES_AT_ONCE])
            is_held[np.searchsorted(begins, places, side="right") - 1] = True
        return np.flatnonzero(is_held)

    def places_beside(self, documents: Rows, places: NDArray[np.int64]) -> NDArray[np.int32]:
        """Find documents in the lists in which other places lie.

        Parameters
        ----------
        documents : int32[j] or int64[j], each with an entry in the list of the place of the same number
        places : int64[j]

        Returns
        -------
        int32[j]
        """
        begins = np.asarray(self.begins)
        own = self.own[documents]
        number = np.searchsorted(begins, places, side="right")
        return np.where((begins[number - 1] <= own) & (own < begins[number]), own, self.visiting[documents])


def comparison_lists(
    distance: NDArray[np.float32], own: NDArray[np.int32], visited: NDArray[np.int32], n_lists: int
) -> Lists:
    """Order members and border documents of every list: farthest from their own centroid first.

    Parameters
    ----------
    distance : float32[n], cosine distance to the own centroid
    own : int32[n], each document's list, from 0
    visited : int32[n], the other list that it visits, -1 where none
    n_lists : how many lists there are

    Returns
    -------
    Lists

    Raises
    ------
    ArrayError : columns of different lengths, or a list that there is not, or is the own one; or 2^30
        documents or more.

    Notes
    -----
    O(n log n) time; beside the columns and the result some 20 bytes per document and 8 per entry.

    Examples
    --------
    >>> far = np.array([0.1, 0.3, 0.2], np.float32)
    >>> found = comparison_lists(far, np.array([0, 1, 0], np.int32), np.array([-1, 0, -1], np.int32), 2)
    >>> found.document.tolist(), found.begins
    ([1, 2, 0, 1], [0, 3, 4])
    """
    if len(own) > _MOST_DOCUMENTS:
        raise ArrayError(f"{len(own)} documents in lists; at most {_MOST_DOCUMENTS} can be compared")
    _check(distance, own, visited, n_lists)
    ranked = rank(distance).astype(np.int32)
    keys = _sorted_keys(ranked, own, visited)
    found = Lists(
        np.empty(len(keys), np.int32),
        _begins(own, visited, n_lists),
        np.empty(len(own), np.int32),
        np.full(len(own), NO_VISIT, np.int32),
    )
    for begin in range(0, len(keys), _ENTRIES_AT_ONCE):
        some = keys[begin : begin + _ENTRIES_AT_ONCE]
        document = ranked[(some & _LOW_BITS) >> np.uint64(1)]
        place = np.arange(begin, begin + len(some), dtype=np.int32)
        is_visit = (some & np.uint64(1)).astype(np.bool_)
        found.document[begin : begin + len(some)] = document
        found.own[document[~is_visit]] = place[~is_visit]
        found.visiting[document[is_visit]] = place[is_visit]
    return found


def _sorted_keys(
    ranked: NDArray[np.int32], own: NDArray[np.int32], visited: NDArray[np.int32]
) -> NDArray[np.uint64]:
    """Name each entry by its list, then its document's rank, then whether it visits; in order: uint64[m]."""
    visitors = np.flatnonzero(visited[ranked] != NO_VISIT).astype(np.int32)  # by rank
    keys = np.empty(len(ranked) + len(visitors), np.uint64)
    for begin in range(0, len(ranked), _ENTRIES_AT_ONCE):
        lists = own[ranked[begin : begin + _ENTRIES_AT_ONCE]].astype(np.uint64)
        rank_of = np.arange(begin, begin + len(lists), dtype=np.uint64)
        keys[begin : begin + len(lists)] = lists << np.uint64(32) | rank_of << np.uint64(1)
    for begin in range(0, len(visitors), _ENTRIES_AT_ONCE):
        part = visitors[begin : begin + _ENTRIES_AT_ONCE]
        key = visited[ranked[part]].astype(np.uint64) << np.uint64(32) | part.astype(np.uint64) << np.uint64(
            1
        )
        keys[len(ranked) + begin : len(ranked) + begin + len(part)] = key | np.uint64(1)
    keys.sort()  # in place, and each is there once
    return keys


def _begins(own: NDArray[np.int32], visited: NDArray[np.int32], n_lists: int) -> list[int]:
    """Return where each list begins, and the number of all entries."""
    sizes = np.zeros(n_lists, np.int64)
    for begin in range(0, len(own), _ENTRIES_AT_ONCE):
        part = slice(begin, begin + _ENTRIES_AT_ONCE)
        sizes += np.bincount(own[part], minlength=n_lists)
        sizes += np.bincount(visited[part][visited[part] != NO_VISIT], minlength=n_lists)
    return [0, *np.cumsum(sizes).tolist()]


def _check(
    distance: NDArray[np.float32], own: NDArray[np.int32], visited: NDArray[np.int32], n_lists: int
) -> None:
    """Refuse what does not fit together."""
    lengths = {len(distance), len(own), len(visited)}
    if len(lengths) > 1:
        raise ArrayError(f"columns have {sorted(lengths)} rows; all need one length")
    wrong = (own < 0) | (own >= n_lists) | (visited < NO_VISIT) | (visited >= n_lists) | (visited == own)
    if wrong.any():
        at = int(wrong.argmax())
        raise ArrayError(
            f"{n_lists} lists were asked for; {int(wrong.sum())} documents are in others or visit their own, "
            f"such as row {at}, of list {own[at]}, which visits {visited[at]}; assign them anew"
        )


def best_of_entries(
    entries: NearestPredecessors, distance: NDArray[np.float32], border_documents: NDArray[np.int64]
) -> NearestPredecessors:
    """Return each document's best maximum over its entries; ties go to the witness that ranks first.

    Parameters
    ----------
    entries : over m entries; a witness is a document
    distance : float32[n], cosine distance to the own centroid
    border_documents : int64[m - n], the documents that have a second entry, ascending

    Returns
    -------
    NearestPredecessors : over n documents

    Examples
    --------
    >>> entries = NearestPredecessors(np.array([np.nan, np.nan, 0.75], np.float32), np.array([-1, -1, 0]))
    >>> best_of_entries(entries, np.array([0.5, 0.25], np.float32), np.array([1])).witness.tolist()
    [-1, 0]
    """
    n = len(distance)
    similarity, witness = entries.similarity[:n].copy(), entries.witness[:n].copy()
    other, offered = entries.similarity[n:], entries.witness[n:]
    mine, had = similarity[border_documents], witness[border_documents]
    some, none = offered != NO_WITNESS, had == NO_WITNESS
    far, farther = distance[had], distance[offered]  # of none it is anyone's, and not looked at
    earlier = (farther > far) | ((farther == far) & (offered < had))
    better = some & (none | (other > mine) | ((other == mine) & earlier))
    similarity[border_documents[better]], witness[border_documents[better]] = other[better], offered[better]
    return NearestPredecessors(similarity, witness)

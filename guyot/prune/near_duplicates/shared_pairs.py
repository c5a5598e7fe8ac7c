"""Pairs above a limit that several recipes share: found once among all documents, kept with these."""

import numpy as np
from numpy.typing import NDArray

from guyot.columns import COMPARISON_LISTS, MAX_SIMILARITY
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.prune.near_duplicates.pairs import Pairs, pairs_above


def shared_pairs(
    documents: Documents, place: NDArray[np.int64], alive: NDArray[np.bool_], min_cosine: float
) -> Pairs:
    """Return the pairs of living documents with a cosine above a limit.

    Parameters
    ----------
    documents : with comparison lists and highest similarities
    place : int64[n], each document's place in the visiting order
    alive : bool[n]
    min_cosine : pairs at it or below are left out

    Raises
    ------
    SettingError : more pairs than can be held at once.

    Notes
    -----
    As `pairs_above`, for the documents alone whose highest similarity is above the limit: no other is the
    later of such a pair. The pairs of all documents are kept, down to the lowest limit asked for, and those
    of the living picked from them; where they are too many, those of the living alone are sought.
    """
    every = np.ones(len(alive), np.bool_)
    try:
        pairs, level = documents.memo.once_down_to(
            "pairs", min_cosine, lambda: _pairs_among(documents, place, every, min_cosine)
        )
    except SettingError:
        if alive.all():
            raise
        return _pairs_among(documents, place, alive, min_cosine)
    if level == min_cosine and alive.all():
        return pairs
    is_left = np.empty(len(alive), np.bool_)
    is_left[place] = alive
    chosen = is_left[pairs.later] & is_left[pairs.earlier]
    chosen &= pairs.cosine > min_cosine
    return pairs.subset(chosen)


def _pairs_among(
    documents: Documents, place: NDArray[np.int64], some: NDArray[np.bool_], min_cosine: float
) -> Pairs:
    """Search among some documents, of which few are later than another above the limit."""
    compared = documents.require(COMPARISON_LISTS, of="pairs of near-duplicates")
    later = documents.require(MAX_SIMILARITY, of="pairs of near-duplicates") > min_cosine
    return pairs_above(compared, place, some, min_cosine, later=later & some)

"""Pairs above a limit that several recipes share: found once among all documents, kept with these."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.columns import COMPARISON_LISTS, MAX_SIMILARITY
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.narrow import Rows
from guyot.prune.near_duplicates.pairs import Pairs, highest_pairs, pairs_above

LIKELY_SHARE = 0.125  # of the documents: recipes for near-duplicates mostly drop a tenth
PAIRS_PER_DOCUMENT = 4  # that are held for the sake of later recipes, at most


def likely_pairs(documents: Documents, place: Rows, min_cosine: float) -> Pairs | None:
    """Return all pairs above a limit, and some below it, where recipes are likely to ask for them.

    Parameters
    ----------
    documents : with comparison lists and highest similarities
    place : int64[n] or int32[n], each document's place in the visiting order
    min_cosine : pairs above it are needed

    Returns
    -------
    Pairs of all documents, down to the similarity that LIKELY_SHARE of them exceed, or as far as they are at
    most PAIRS_PER_DOCUMENT times the documents; None where the limit is lower than that.

    Notes
    -----
    One search for all recipes of these documents: reading the lists costs most of it. Further down a pair
    costs more than a search for the documents that are in doubt. 12 bytes per pair are kept.
    """
    level = documents.memo.once("likely_level", lambda: _likely_level(documents))
    if not min_cosine >= level:
        return None
    found = documents.memo.once("likely_pairs", lambda: _likely_pairs(documents, place, level))
    return found.pairs if min_cosine >= found.level else None


@dataclass(frozen=True)
class _LikelyPairs:
    """Pairs above a level, all of them."""

    pairs: Pairs
    level: float


def _likely_level(documents: Documents) -> float:
    """Return the highest similarity that LIKELY_SHARE of the documents exceed, at most."""
    highest = np.nan_to_num(documents.require(MAX_SIMILARITY, of="pairs of near-duplicates"), nan=-1)
    if not len(highest):
        return -1.0
    at = len(highest) - 1 - int(LIKELY_SHARE * len(highest))
    return float(np.partition(highest, at)[at])


def _likely_pairs(documents: Documents, place: Rows, level: float) -> _LikelyPairs:
    """Search down to a level, or as far as the pairs are few."""
    compared = documents.require(COMPARISON_LISTS, of="pairs of near-duplicates")
    later = documents.require(MAX_SIMILARITY, of="pairs of near-duplicates") > level
    most = PAIRS_PER_DOCUMENT * len(place)
    return _LikelyPairs(*highest_pairs(compared, place, level, most, later=later))


def shared_pairs(documents: Documents, place: Rows, alive: NDArray[np.bool_], min_cosine: float) -> Pairs:
    """Return the pairs of living documents with a cosine above a limit.

    Parameters
    ----------
    documents : with comparison lists and highest similarities
    place : int64[n] or int32[n], each document's place in the visiting order
    alive : bool[n]
    min_cosine : pairs at it or below are left out

    Raises
    ------
    SettingError : more pairs than can be held at once.

    Notes
    -----
    As `pairs_above`, for the documents alone whose highest similarity is above the limit: no other is the
    later of such a pair. They are picked from `likely_pairs` where these go as far. Else the pairs of all
    documents are kept, down to the lowest limit asked for, and those of the living picked from them; where
    they are too many, those of the living alone are sought.
    """
    every = np.ones(len(alive), np.bool_)
    pairs = likely_pairs(documents, place, min_cosine)
    if pairs is None:
        try:
            pairs, _ = documents.memo.once_down_to(
                "pairs", min_cosine, lambda: _pairs_among(documents, place, every, min_cosine)
            )
        except SettingError:
            if alive.all():
                raise
            return _pairs_among(documents, place, alive, min_cosine)
    is_left = np.empty(len(alive), np.bool_)
    is_left[place] = alive
    chosen = is_left[pairs.later] & is_left[pairs.earlier]
    chosen &= pairs.cosine > min_cosine
    return pairs.subset(chosen)


def _pairs_among(documents: Documents, place: Rows, some: NDArray[np.bool_], min_cosine: float) -> Pairs:
    """Search among some documents, of which few are later than another above the limit."""
    compared = documents.require(COMPARISON_LISTS, of="pairs of near-duplicates")
    later = documents.require(MAX_SIMILARITY, of="pairs of near-duplicates") > min_cosine
    return pairs_above(compared, place, some, min_cosine, later=later & some)

"""Highest similarities among the documents that earlier steps left, from those among all documents.

Stored maxima are over all documents. Where a witness has been dropped by an earlier step, the nearest
earlier document among the living is sought again, so that a step does what it would do had the dropped
never been there.
"""

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS
from guyot.narrow import Rows, row_type
from guyot.prune.near_duplicates.incremental_maxima import updated_maxima
from guyot.prune.near_duplicates.maxima import NearestPredecessors
from guyot.vectors.exact import ComparisonLists
from guyot.vectors.threads import in_threads


def maxima_among(
    maxima: NearestPredecessors,
    compared: Callable[[], ComparisonLists],
    alive: NDArray[np.bool_],
    place: Rows,
) -> NearestPredecessors:
    """Find, for each living document, the nearest earlier one among the living.

    Parameters
    ----------
    maxima : over rows, among all n documents
    compared : gives the comparison lists; called where a witness is not alive
    alive : bool[n]
    place : int64[n] or int32[n], each document's place in the visiting order

    Returns
    -------
    NearestPredecessors over rows; values of documents that are not alive are undefined.
    """
    similarity, witness = maxima.similarity.copy(), maxima.witness.astype(row_type(len(alive)))
    orphaned = alive & (witness != NO_WITNESS) & ~alive[witness]
    similarity[orphaned], witness[orphaned] = np.nan, NO_WITNESS
    if not orphaned.any():
        return NearestPredecessors(similarity, witness)
    among = functools.partial(_among_list, alive=alive, orphaned=orphaned)
    for target, value, by in in_threads(among, compared().lists(orphaned)):
        had = witness[target]
        better = (had == NO_WITNESS) | (value > similarity[target])
        better |= (value == similarity[target]) & (place[by] < place[had])
        similarity[target[better]], witness[target[better]] = value[better], by[better]
    return NearestPredecessors(similarity, witness)


def _among_list(
    ranked: tuple[NDArray[np.int64], NDArray[np.float16]],
    *,
    alive: NDArray[np.bool_],
    orphaned: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]:
    """Find the orphaned of a list that have an earlier living one in it: rows, cosines, and those."""
    rows, vectors = ranked
    here = alive[rows]
    rows, vectors = rows[here], vectors[here]
    sought = orphaned[rows]
    none = NearestPredecessors(
        np.full(len(rows), np.nan, np.float32), np.full(len(rows), NO_WITNESS, np.int64)
    )
    found = updated_maxima(vectors, [0, len(rows)], none, np.zeros(len(rows), np.bool_), sought)
    sought &= found.witness != NO_WITNESS
    return rows[sought], found.similarity[sought], rows[found.witness[sought]]

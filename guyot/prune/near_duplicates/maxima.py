"""The highest similarity of each document to one that ranks before it, exactly.

Ranking puts documents far from their centroid first, so that of a group of near-duplicates the least
prototypical one stays. Cost: all pairs of each group, in blocks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS, Scores
from guyot.errors import ArrayError
from guyot.narrow import Rows
from guyot.prune.ordering import inverse
from guyot.vectors.nearest_earlier import nearest_earlier
from guyot.vectors.screen import UnitRows

NEVER = 2.0  # the score of a document with no earlier one: above 1 - (-1), so it stays first


@dataclass(frozen=True)
class NearestPredecessors:
    """For each of n ranked documents, its nearest earlier one.

    similarity : float32[n], the highest cosine to an earlier document; nan for the first
    witness : int64[n], or of less than 2^31 documents int32[n], that document's position; the earliest where
        several tie; -1 for the first
    """

    similarity: NDArray[np.float32]
    witness: Rows


def rank(distance: NDArray[np.float32]) -> NDArray[np.int64]:
    """Order documents as SemDeDup visits them: far from the centroid first, ties to the lower row.

    Parameters
    ----------
    distance : float32[n], cosine distance to the own centroid

    Returns
    -------
    int64[n], rows in visiting order

    Examples
    --------
    >>> rank(np.array([0.1, 0.5, 0.1], np.float32)).tolist()
    [1, 0, 2]
    """
    return np.argsort(-distance, kind="stable")


def nearest_predecessors(ranked: NDArray[np.float16], *, block_rows: int = 1024) -> NearestPredecessors:
    """Find, for each document, the most similar one ranked before it.

    Parameters
    ----------
    ranked : float16[n, d], rows of unit length in visiting order
    block_rows : columns per block; changes memory, never the result

    Returns
    -------
    NearestPredecessors over positions in `ranked`.

    Raises
    ------
    ArrayError : rows not of unit length, or block_rows below 1.

    Notes
    -----
    O(n^2 d / 2) in float32, see `guyot.vectors.nearest_earlier`; 4 n d bytes up to 64 MB, and for
    each core 20,000 d. Abbas et al. 2023 (arXiv:2303.09540), algorithm A7. Differs: ties go to the earliest
    document; the whole group is never held as a matrix; the maximum is kept, not only the decision.

    Examples
    --------
    >>> from guyot.vectors.exact import unit_float16
    >>> found = nearest_predecessors(unit_float16(np.array([[1, 0], [0, 1], [1, 0]], np.float32)))
    >>> found.similarity.tolist(), found.witness.tolist()
    ([nan, 0.0, 1.0], [-1, 0, 0])
    """
    rows = UnitRows.checked(ranked, "ranked")
    if block_rows < 1:
        raise ArrayError(f"block_rows={block_rows}; at least 1 is needed")
    every = np.arange(len(ranked))
    similarity, witness = nearest_earlier(rows, every, every, block_rows=block_rows)
    similarity[:1] = np.nan
    return NearestPredecessors(similarity, witness)


def semdedup_scores(
    max_similarity: NDArray[np.float32],
    witness: Rows,
    limit: float = np.nan,
) -> Scores:
    """Score documents by how unlike every earlier-ranked one they are.

    Parameters
    ----------
    max_similarity : float32[n], from `nearest_predecessors`; nan where there is no earlier document
    witness : int64[n] or int32[n], rows; -1 where there is none
    limit : of the step's own, a score

    Returns
    -------
    Scores: 1 - max_similarity, and 2 where there is no earlier document. The paper drops where the
    similarity is above 1 - eps, which is a score below eps.

    Examples
    --------
    >>> semdedup_scores(np.array([np.nan, 0.75], np.float32), np.array([-1, 0])).values.tolist()
    [2.0, 0.25]
    """
    values = np.subtract(1.0, max_similarity, dtype=np.float64)
    values[np.isnan(values)] = NEVER
    return Scores(values, "near_duplicate", witness, limit=limit)


def scores_by_row(place: Rows, similarity: NDArray[np.floating], witness: Rows, limit: float) -> Scores:
    """Score documents whose similarities and witnesses are by place in the visiting order.

    Parameters
    ----------
    place : int32[n] or int64[n], each document's place in the visiting order
    similarity : float32[n] or float64[n], by place; looked at where there is a witness
    witness : int32[n] or int64[n], by place, places; -1 where there is none
    limit : of the step's own, a score

    Returns
    -------
    Scores, by row: 1 - similarity, and 2 where there is no witness.

    Examples
    --------
    >>> far_first = scores_by_row(np.array([1, 0]), np.array([np.nan, 0.75]), np.array([-1, 0]), 0.5)
    >>> far_first.values.tolist(), far_first.witness.tolist()
    ([0.25, 2.0], [1, -1])
    """
    row, some = inverse(place), np.flatnonzero(witness != NO_WITNESS)
    values, by = np.full(len(place), NEVER), np.full(len(place), NO_WITNESS, row.dtype)
    values[row[some]] = 1 - similarity[some].astype(np.float64)
    by[row[some]] = row[witness[some]]
    return Scores(values, "near_duplicate", by, limit=limit)

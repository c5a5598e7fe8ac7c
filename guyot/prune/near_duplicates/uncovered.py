"""Documents that were dropped as duplicates although no kept one is near."""

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS
from guyot.vectors.exact import ComparisonLists
from guyot.vectors.nearest_earlier import nearest_earlier
from guyot.vectors.screen import UnitRows
from guyot.vectors.threads import one_blas_thread


def count_uncovered(
    compared: ComparisonLists,
    dropped: NDArray[np.bool_],
    kept: NDArray[np.bool_],
    witness: NDArray[np.int64],
    limit: float,
    *,
    witness_is_near: bool = True,
) -> int:
    """Count dropped documents that have no kept one nearer than the limit.

    Parameters
    ----------
    dropped : bool[n], by SemDeDup for a duplicate; none of them kept
    kept : bool[n], such as those that the step left, or those of the final mixture
    witness : int64[n], rows; of dropped documents; of others any
    limit : cosine above which two documents are duplicates
    witness_is_near : whether a document and its witness are; in the mode components they need not be

    Notes
    -----
    O(m k d) at most for m doubtful documents and k kept ones of a list: only documents whose witness is
    dropped too, or not near, are compared again, and with the kept ones alone. No pairs are held.
    """
    is_of_documents = witness < len(kept)  # else another step dropped it because of an evaluation record
    doubtful = dropped & ~(kept[np.where(is_of_documents, witness, NO_WITNESS)] & witness_is_near)
    if not doubtful.any():
        return 0
    with one_blas_thread():  # once for all lists: each search by itself would set it anew
        for rows, vectors in compared.lists(doubtful):
            near = np.flatnonzero(kept[rows])
            sought = np.flatnonzero(doubtful[rows])
            both = UnitRows.checked(vectors[np.concatenate([near, sought])], "vectors of a list")
            sources, targets = np.arange(len(near)), np.arange(len(near), len(both))
            known = np.full(len(sought), limit, np.float32), np.full(len(sought), NO_WITNESS)
            _, covering = nearest_earlier(both, targets, sources, known)
            doubtful[rows[sought[covering != NO_WITNESS]]] = False
    return int(doubtful.sum())

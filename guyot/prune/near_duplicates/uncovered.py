"""Documents that were dropped as duplicates although no kept one is near."""

import numpy as np
from numpy.typing import NDArray

from guyot.prune.near_duplicates.pairs import pairs_above
from guyot.vectors.exact import ComparisonLists


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
    dropped : bool[n], by SemDeDup for a duplicate
    kept : bool[n], such as those that the step left, or those of the final mixture
    witness : int64[n], rows; of dropped documents
    limit : cosine above which two documents are duplicates
    witness_is_near : whether a document and its witness are; in the mode components they need not be

    Notes
    -----
    Only documents whose witness is dropped too, or not near, are compared again, with the kept ones of
    their lists.
    """
    doubtful = dropped & ~(kept[witness] & witness_is_near)
    if not doubtful.any():
        return 0
    rows = np.arange(len(kept))
    pairs = pairs_above(compared, rows, doubtful | kept, limit, of=doubtful)
    covered = np.zeros(len(kept), np.bool_)
    covered[pairs.later[kept[pairs.earlier]]] = True
    covered[pairs.earlier[kept[pairs.later]]] = True
    return int((doubtful & ~covered).sum())

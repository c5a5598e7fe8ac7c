"""Families of documents that are linked by pairs, at every threshold at once.

Pairs are joined from the nearest down. When two families become one, the representative that ranks later
stops being one: the similarity of that pair is its height. So at any threshold the documents with a height
above it are all but one of each family, and which one stays does not depend on the threshold's history.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS
from guyot.narrow import Rows, row_type


@dataclass(frozen=True)
class SingleLinkage:
    """How each of n documents, in ranked order, stopped being the representative of its family.

    height : float64[n], similarity of the pair that joined its family to one with an earlier representative;
        nan for a document that stays a representative
    witness : int32[n], or of 2^31 documents and more int64[n], that earlier representative; -1 where there is
        none
    """

    height: NDArray[np.float64]
    witness: Rows


def single_linkage(
    n_documents: int,
    later: Rows,
    earlier: Rows,
    similarity: NDArray[np.floating],
) -> SingleLinkage:
    """Join families pair by pair, the nearest first.

    Parameters
    ----------
    later, earlier : int64[p] or int32[p], documents by rank; the lowest of a family is its representative
    similarity : float64[p] or float32[p]

    Returns
    -------
    SingleLinkage; of equally like pairs the one with the lower documents comes first.

    Notes
    -----
    O(n + p log p): sorts, then Kruskal's algorithm in a loop over the pairs.

    Examples
    --------
    >>> found = single_linkage(3, np.array([1, 2]), np.array([0, 1]), np.array([0.8, 0.9]))
    >>> found.height.tolist(), found.witness.tolist()
    ([nan, 0.8, 0.9], [-1, 0, 1])
    """
    height = np.full(n_documents, np.nan)
    witness = np.full(n_documents, NO_WITNESS, row_type(n_documents))
    linked, number = np.unique(np.concatenate([later, earlier]), return_inverse=True)  # in order
    order = np.lexsort((later, earlier, -similarity))
    pairs: list[list[int]] = number.reshape(2, -1)[:, order].T.tolist()
    values: list[float] = similarity[order].tolist()
    representative = list(range(len(linked)))  # plain integers: a loop over arrays is several times slower
    for (one, other), value in zip(pairs, values, strict=True):
        while representative[one] != one:
            representative[one] = one = representative[representative[one]]
        while representative[other] != other:
            representative[other] = other = representative[representative[other]]
        if one != other:
            low, high = (one, other) if one < other else (other, one)
            representative[high] = low
            height[linked[high]], witness[linked[high]] = value, linked[low]
    return SingleLinkage(height, witness)

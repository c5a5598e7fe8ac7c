"""Families of documents that are linked by pairs, at every threshold at once.

Pairs are joined from the likest down. When two families become one, the keeper that ranks later stops
being one: the similarity of that pair is its height. So at any threshold the documents with a height
above it are all but one of each family, and which one stays does not depend on the threshold's history.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS


@dataclass(frozen=True)
class Merges:
    """How each of n documents, in ranked order, stopped being the keeper of its family.

    height : float64[n], similarity of the pair that joined its family to one with an earlier keeper; nan
        for a document that stays a keeper
    witness : int64[n], that earlier keeper; -1 where there is none
    """

    height: NDArray[np.float64]
    witness: NDArray[np.int64]


def merges(
    n_documents: int,
    later: NDArray[np.int64],
    earlier: NDArray[np.int64],
    similarity: NDArray[np.floating],
) -> Merges:
    """Join families pair by pair, the likest first.

    Parameters
    ----------
    later, earlier : int64[p], documents by rank; the lowest of a family is its keeper
    similarity : float64[p] or float32[p]

    Returns
    -------
    Merges; of equally like pairs the one with the lower documents comes first.

    Notes
    -----
    O(p log p): a sort, then Kruskal's algorithm in a loop over the pairs.

    Examples
    --------
    >>> found = merges(3, np.array([1, 2]), np.array([0, 1]), np.array([0.8, 0.9]))
    >>> found.height.tolist(), found.witness.tolist()
    ([nan, 0.8, 0.9], [-1, 0, 1])
    """
    height = np.full(n_documents, np.nan)
    witness = np.full(n_documents, NO_WITNESS, np.int64)
    keeper = list(range(n_documents))  # plain integers: a loop over arrays is several times slower
    order = np.lexsort((later, earlier, -similarity))
    pairs: list[list[int]] = np.stack([later[order], earlier[order]], axis=1).tolist()
    values: list[float] = similarity[order].tolist()
    for (one, other), value in zip(pairs, values, strict=True):
        while keeper[one] != one:
            keeper[one] = one = keeper[keeper[one]]
        while keeper[other] != other:
            keeper[other] = other = keeper[keeper[other]]
        if one != other:
            low, high = (one, other) if one < other else (other, one)
            keeper[high] = low
            height[high], witness[high] = value, low
    return Merges(height, witness)

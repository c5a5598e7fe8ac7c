"""Near-duplicates by shared shingles (MinHash): of each family of linked documents the first stays.

Two documents are linked if the Jaccard similarity of their shingles is high enough. What is stored are
pairs with their exact similarity that connect each family at the lake's floor, not every pair of it;
families at any threshold above it are a query.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.cut import NO_WITNESS, Asked, Scores
from guyot.documents import MinHashPairs
from guyot.errors import SettingError
from guyot.prune.near_duplicates.living_pairs import living_pairs
from guyot.prune.near_duplicates.single_linkage import single_linkage
from guyot.prune.semdedup import NEVER
from guyot.text.shingles import Shingles


@dataclass(frozen=True)
class MinHash:
    """Drop documents that are linked to an earlier one, by doc_id, at this Jaccard similarity or above.

    Linked are documents of at least this similarity, directly or by way of others. As the last step of a
    recipe with a target, and with a `keep_fraction`, the most tightly linked go first.
    """

    method: Literal["minhash"] = "minhash"
    jaccard: float = 0.8
    keep_fraction: float | None = None


def jaccards(distinct: Shingles, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the exact Jaccard similarity of pairs of documents.

    Parameters
    ----------
    distinct : of n documents, each with one shingle at least; see `Shingles.distinct`
    one, other : int64[p], documents

    Returns
    -------
    float64[p]

    Notes
    -----
    O(m log m) per pair of m shingles.

    Examples
    --------
    >>> two = Shingles(np.array([1, 2, 3, 2, 3, 4], np.uint64), np.array([0, 3, 6]))
    >>> jaccards(two, np.array([0]), np.array([1])).tolist()
    [0.5]
    """
    found = np.empty(len(one))
    pairs: list[list[int]] = np.stack([one, other], axis=1).tolist()
    offsets: list[int] = distinct.offsets.tolist()
    for number, (left, right) in enumerate(pairs):
        short = distinct.hashes[offsets[left] : offsets[left + 1]]
        long = distinct.hashes[offsets[right] : offsets[right + 1]]
        if len(short) > len(long):
            short, long = long, short
        at = np.searchsorted(long, short)
        at[at == len(long)] = 0
        shared = int(np.count_nonzero(long[at] == short))
        found[number] = shared / (len(short) + len(long) - shared)
    return found


def minhash_scores(pairs: MinHashPairs, asked: Asked, step: MinHash) -> Scores:
    """Score documents by how loosely they are linked to earlier ones.

    Parameters
    ----------
    pairs : of n documents, at or above the floor of the lake

    Returns
    -------
    Scores: 1 minus the similarity of the pair that links the document's family to one with an earlier
    document, and 2 where none does. The witness is that earlier document. The limit is that of the step's
    similarity, or where a target decides that of the lake's floor.

    Raises
    ------
    SettingError : the step's similarity is below the floor.

    Notes
    -----
    O(p log p), and a search where the pairs have one. Only documents that earlier steps left are linked;
    see `living_pairs`.

    Examples
    --------
    >>> pairs = MinHashPairs(np.array([0]), np.array([1]), np.array([0.75]), 0.5)
    >>> both = Asked(np.ones(2, np.int64), np.ones(2, bool), None)
    >>> minhash_scores(pairs, both, MinHash(jaccard=0.6)).values.tolist()
    [2.0, 0.25]
    """
    if step.jaccard < pairs.floor:
        raise SettingError(
            f"minhash was asked for a Jaccard similarity of {step.jaccard}; the lake holds pairs from "
            f"{pairs.floor} up; raise the step's, or lower the setting minhash_jaccard"
        )
    left = living_pairs(pairs, asked.alive)
    later, earlier = np.maximum(left.one, left.other), np.minimum(left.one, left.other)
    found = single_linkage(len(asked.alive), later, earlier, left.jaccard)
    values = np.where(found.witness == NO_WITNESS, NEVER, 1 - found.height)
    limit = 1 - (step.jaccard if asked.target is None else pairs.floor)
    return Scores(values, "shared_shingles", found.witness, limit=limit)

"""What methods find of duplicates whose truth is known: recall by family and limit, and precision."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.stats import Interval, wilson
from guyot.vectors.screen import UnitRows
from guyot.vectors.similar_pairs import similar_pairs

EVERY = "every"
SimilarPairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True)
class RecallPoint:
    """The pairs that a method finds at a limit.

    family : of synthetic duplicates, or EVERY
    limit : similarity at or above which two documents are duplicates
    recall : share of the synthetic pairs that are found, with a 95% interval (Wilson)
    found : pairs of documents that are found, of one original or not; None but for EVERY
    precision : share of these that are of one original; None but for EVERY, nan where none is found
    """

    family: str
    limit: float
    recall: Interval
    found: int | None = None
    precision: float | None = None


def close_pairs(
    compare: Callable[[slice], NDArray[np.bool_] | NDArray[np.float32]],
    n_documents: int,
    least: float,
    block_rows: int,
) -> SimilarPairs:
    """Compare all documents with all, and return the similar pairs.

    Parameters
    ----------
    compare : returns the similarity of some documents to all, float32[m, n], or whether they are equal
    least : pairs below it are left out
    block_rows : documents compared with all at a time

    Returns
    -------
    one, other : int64[p], the lower first, sorted
    similarity : float64[p]

    Notes
    -----
    O(n^2) comparisons; memory of n block_rows of them.

    Examples
    --------
    >>> name = np.array([7, 8, 7])
    >>> one, other, _ = close_pairs(lambda rows: name[rows, None] == name, 3, 1, 2)
    >>> one.tolist(), other.tolist()
    ([0], [2])
    """
    ones: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    others: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    values: list[NDArray[np.float64]] = [np.zeros(0)]
    for begin in range(0, n_documents, block_rows):
        similarity = compare(slice(begin, begin + block_rows))
        one, other = np.nonzero(similarity >= least)
        later = other > one + begin
        one, other = one[later], other[later]
        ones.append(one + begin)
        others.append(other)
        values.append(similarity[one, other].astype(np.float64))
    return np.concatenate(ones), np.concatenate(others), np.concatenate(values)


def similar_vectors(vectors: NDArray[np.float16], least: float) -> SimilarPairs:
    """Compare all documents' vectors with all, and return the similar pairs.

    Parameters
    ----------
    vectors : float16[n, d], rows of unit length
    least : pairs of a lower cosine are left out

    Returns
    -------
    one, other : int64[p], the lower first, sorted
    similarity : float64[p], exact cosines

    Notes
    -----
    O(n^2 d / 2) in float32, see `guyot.vectors.similar_pairs`.

    Examples
    --------
    >>> one, other, _ = similar_vectors(np.array([[1, 0], [0, 1], [1, 0]], np.float16), 0.9)
    >>> one.tolist(), other.tolist()
    ([0], [2])
    """
    every = np.arange(len(vectors))
    below = float(np.nextafter(np.float32(least), np.float32(-2)))
    parts = list(similar_pairs(UnitRows.checked(vectors, "vectors"), every, every, below))
    other = np.concatenate([every[:0], *(part[0] for part in parts)])
    one = np.concatenate([every[:0], *(part[1] for part in parts)])
    similarity = np.concatenate([np.zeros(0, np.float32), *(part[2] for part in parts)]).astype(np.float64)
    order = np.lexsort((other, one))
    return one[order], other[order], similarity[order]


def recall_at(
    similarity: NDArray[np.float64],
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    original: NDArray[np.int64],
    family: NDArray[np.int64],
    families: tuple[str, ...],
    limits: tuple[float, ...],
) -> list[RecallPoint]:
    """Count what is found at each limit.

    Parameters
    ----------
    similarity : float64[p], of pairs of documents; a pair that is not there is not found
    one, other : int64[p], documents, the lower first, each pair once
    original : int64[n], each document's original; its own number for an original
    family : int64[n], place in `families` of what was done to it; -1 for an original

    Returns
    -------
    For each limit a RecallPoint per family that has documents, and one of EVERY.

    Notes
    -----
    O(p) per limit. A synthetic pair is an original and its duplicate; two duplicates of one original are
    rightly found too, and count for precision alone.

    Examples
    --------
    >>> points = recall_at(np.array([0.9, 0.8]), np.array([0, 0]), np.array([1, 2]), np.array([0, 0, 2]),
    ...              np.array([-1, 0, -1]), ("exact",), (0.85, 0.75))
    >>> [(f.family, f.recall.value, f.precision) for f in points]
    [('exact', 1.0, None), ('every', 1.0, 1.0), ('exact', 1.0, None), ('every', 1.0, 0.5)]
    """
    same = original[one] == original[other]
    is_synthetic = (original[other] == one) & (family[other] >= 0) | (original[one] == other) & (
        family[one] >= 0
    )
    made = np.where(family[other] >= 0, family[other], family[one])
    points: list[RecallPoint] = []
    for limit in limits:
        hit = similarity >= limit
        for number, name in enumerate(families):
            n = int((family == number).sum())
            if n:
                points.append(
                    RecallPoint(name, limit, wilson(int((hit & is_synthetic & (made == number)).sum()), n))
                )
        n, found = int((family >= 0).sum()), int(hit.sum())
        precision = int((hit & same).sum()) / found if found else float("nan")
        points.append(RecallPoint(EVERY, limit, wilson(int((hit & is_synthetic).sum()), n), found, precision))
    return points


def kept_shares(similarity: NDArray[np.float64], limits: tuple[float, ...]) -> list[float]:
    """Return the share of documents that is kept at each limit.

    Parameters
    ----------
    similarity : float64[n], at or above which a document goes; nan where it never does

    Examples
    --------
    >>> kept_shares(np.array([0.9, np.nan]), (0.8, 0.95))
    [0.5, 1.0]
    """
    return [float(1 - (similarity >= limit).mean()) if len(similarity) else float("nan") for limit in limits]

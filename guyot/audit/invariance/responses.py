"""Relative invariance: how far a transformation moves vectors, beside how far apart documents are.

Bouchacourt, Ibrahim and Morcos 2021 (arXiv:2106.05121), section 4. With z a document's vector, T z that of
the transformed document and T z' that of another one, transformed: invariance is (b - d) / (b + 1e-8) with d
the cosine distance of z and T z, b that of z and T z'. 1: the transformation is not noticed; 0: it moves a
document as far as another one lies. Alignment asks whether it moves all documents in one direction: the mean
cosine of two documents' displacements, T z - z. Where we differ: the control of alignment is T z' - z,
displacements to other documents, in place of columns shuffled each by itself, which keep what is common;
b is the mean over a few other documents.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.stats import Interval, percentile_interval, resampled_rows

_TINY = 1e-8  # the paper's
_OTHERS = 8  # documents that one is compared with for b
MIN_DOCUMENTS = 3


@dataclass(frozen=True)
class Response:
    """How an encoder responds to a transformation at a magnitude.

    n : documents
    distance : float64[n], cosine distance from each to itself transformed, 0-2
    invariance : float64[n], at most 1
    median : of the invariance, with its bootstrap interval
    alignment, alignment_control : mean cosines of displacements, and of those to other documents; nan where
        fewer than two documents move
    """

    n: int
    distance: NDArray[np.float64]
    invariance: NDArray[np.float64]
    median: Interval
    alignment: float
    alignment_control: float


def response(
    original: NDArray[np.floating],
    transformed: NDArray[np.floating],
    *,
    draws: int,
    stream: np.random.Generator,
) -> Response:
    """Measure how far documents move.

    Parameters
    ----------
    original, transformed : float16[n, d] or wider, vectors of documents and, row by row, of them transformed
    draws : of the bootstrap, over documents
    stream : draws them and the other documents

    Raises
    ------
    ArrayError : fewer than three documents, shapes that differ, or a vector that is zero or not finite, of
        which nothing could be said.

    Notes
    -----
    O(n d) in float64.

    Examples
    --------
    >>> from guyot.seeds import generator
    >>> eye = np.eye(3)
    >>> found = response(eye, eye, draws=10, stream=generator(0, "doc"))
    >>> found.distance.tolist(), round(found.median.value, 6)
    ([0.0, 0.0, 0.0], 1.0)
    """
    if original.shape != transformed.shape or len(original) < MIN_DOCUMENTS:
        raise ArrayError(
            f"original and transformed are {list(original.shape)} and {list(transformed.shape)}; give both "
            f"for the same documents, {MIN_DOCUMENTS} at least"
        )
    one, other = _unit(original, "original"), _unit(transformed, "transformed")
    distance = 1 - np.vecdot(one, other)
    apart = _distance_to_others(one, other, stream)
    invariance = (apart - distance) / (apart + _TINY)
    medians = np.concatenate(
        [np.median(invariance[rows], axis=1) for rows in resampled_rows(len(one), draws, stream)]
    )
    median = percentile_interval(float(np.median(invariance)), medians, len(one))
    elsewhere = np.roll(other, 1, axis=0)
    return Response(
        len(one), distance, invariance, median, _alignment(other - one), _alignment(elsewhere - one)
    )


def _distance_to_others(
    one: NDArray[np.float64], other: NDArray[np.float64], stream: np.random.Generator
) -> NDArray[np.float64]:
    """Return each row's mean distance to a few rows of the other side, none of its own number."""
    n = len(one)
    steps = 1 + stream.permutation(n - 1)[:_OTHERS]
    order = stream.permutation(n)  # so that neighbours in the list are not compared by their places
    total = np.zeros(n)
    for step in steps.tolist():
        total[order] += 1 - np.vecdot(one[order], other[np.roll(order, step)])
    return total / len(steps)


def _alignment(displacement: NDArray[np.float64]) -> float:
    """Return the mean cosine of displacements of two documents, over all pairs of those that move."""
    length = np.linalg.norm(displacement, axis=1)
    moves = length > _TINY
    n = int(np.count_nonzero(moves))
    if n < 2:
        return float("nan")
    unit = displacement[moves] / length[moves, None]
    total = unit.sum(axis=0)
    return float((total @ total - n) / (n * (n - 1)))  # all pairs at once, without those of a row with itself


def _unit(rows: NDArray[np.floating], name: str) -> NDArray[np.float64]:
    """Scale rows to unit length in float64."""
    wide = rows.astype(np.float64)
    length = np.linalg.norm(wide, axis=1)
    bad = np.flatnonzero(~(np.isfinite(length) & (length > _TINY)))
    if bad.size:
        raise ArrayError(
            f"{bad.size} of {len(rows)} {name} vectors have no direction (row {bad[0]} has length "
            f"{length[bad[0]]:.3g}); an encoder that is not alive says nothing about invariance"
        )
    return wide / length[:, None]

"""Statistics that several parts report: intervals, rank correlation, overlap of sets. Plain numpy.

Every interval is of 95%, by Wilson's formula for a share, else by a percentile bootstrap (Efron 1979).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError

LOW_PERCENTILE, HIGH_PERCENTILE = 2.5, 97.5
_Z95 = 1.959963984540054
_BLOCK_VALUES = 1 << 20


@dataclass(frozen=True)
class Interval:
    """A value, the ends of its 95% interval, and the number of documents behind it."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        """Write the value and its interval.

        Examples
        --------
        >>> str(Interval(3.4, 3.25, 3.5, 9))
        '3.400 (3.250 to 3.500)'
        """
        return interval_text(self.value, self.low, self.high)


def interval_text(value: float, low: float, high: float) -> str:
    """Write a value and the ends of its interval.

    Examples
    --------
    >>> interval_text(3.4, 3.25, 3.5)
    '3.400 (3.250 to 3.500)'
    """
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def percentile_interval(value: float, draws: NDArray[np.float64], n: int) -> Interval:
    """Return a value with the interval that holds 95% of its bootstrap draws.

    Parameters
    ----------
    draws : float64[b], such as of a bootstrap
    n : documents behind the value

    Examples
    --------
    >>> percentile_interval(0.5, np.linspace(0, 1, 201), 9)
    Interval(value=0.5, low=0.025, high=0.975, n=9)
    """
    low, high = np.percentile(draws, (LOW_PERCENTILE, HIGH_PERCENTILE))
    return Interval(value, float(low), float(high), n)


def resampled_rows(n: int, draws: int, stream: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Draw n of n rows with replacement, several times: int64[some draws, n], block by block.

    Examples
    --------
    >>> from guyot.seeds import generator
    >>> [block.shape for block in resampled_rows(3, 5, generator(0, "draws"))]
    [(5, 3)]
    """
    at_once = max(1, _BLOCK_VALUES // n)
    for begin in range(0, draws, at_once):
        yield stream.integers(0, n, (min(at_once, draws - begin), n))


def resampled_counts(n: int, draws: int, stream: np.random.Generator) -> list[NDArray[np.int64]]:
    """Draw n of n rows with replacement: how often each is in a draw, int64[some draws, n], by blocks.

    Examples
    --------
    >>> from guyot.seeds import generator
    >>> resampled_counts(3, 5, generator(0, "draws"))[0].sum(axis=1).tolist()
    [3, 3, 3, 3, 3]
    """
    at_once = max(1, _BLOCK_VALUES // n)
    evenly = np.full(n, 1 / n)
    return [stream.multinomial(n, evenly, min(at_once, draws - begin)) for begin in range(0, draws, at_once)]


def mean_interval(values: NDArray[np.float64], draws: int, stream: np.random.Generator) -> Interval:
    """Return a mean with its bootstrap interval.

    Parameters
    ----------
    values : float64[n], n at least 1

    Examples
    --------
    >>> from guyot.seeds import generator
    >>> mean_interval(np.full(3, 0.5), 10, generator(0, "draws"))
    Interval(value=0.5, low=0.5, high=0.5, n=3)
    """
    means = [values[rows].mean(axis=1) for rows in resampled_rows(len(values), draws, stream)]
    return percentile_interval(float(values.mean()), np.concatenate(means), len(values))


def wilson(hits: int, n: int) -> Interval:
    """Return a share with its 95% interval, which is always within 0 to 1 (Wilson 1927).

    Raises
    ------
    ArrayError : n below 1, or hits not among 0 to n.

    Examples
    --------
    >>> found = wilson(8, 10)
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (0.8, 0.49, 0.943)
    """
    if not 0 <= hits <= n or n < 1:
        raise ArrayError(f"{hits} hits of {n}; a share needs at least 1, and no more hits than that")
    share, squared = hits / n, _Z95 * _Z95
    middle = (share + squared / (2 * n)) / (1 + squared / n)
    half = _Z95 * math.sqrt(share * (1 - share) / n + squared / (4 * n * n)) / (1 + squared / n)
    return Interval(share, max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share)), n)


def jaccard(both: NDArray[np.int64], either: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the Jaccard similarity of two sets from their counts; nan if both are empty.

    Parameters
    ----------
    both, either : int64[...], counts, of one shape

    Returns
    -------
    float64[...] of the same shape

    Examples
    --------
    >>> jaccard(np.array([1, 0]), np.array([4, 0])).tolist()
    [0.25, nan]
    """
    return np.divide(both, either, out=np.full(np.shape(both), np.nan), where=either > 0)


def jaccard_of_masks(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Return the Jaccard similarity of two masks; nan if both are empty.

    Parameters
    ----------
    one, other : bool[n]

    Examples
    --------
    >>> jaccard_of_masks(np.array([True, True]), np.array([True, False]))
    0.5
    """
    return float(jaccard(np.array([(one & other).sum()]), np.array([(one | other).sum()]))[0])


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank values from 1 up; equal ones share the mean of their ranks.

    Parameters
    ----------
    values : float64[n], none nan

    Returns
    -------
    float64[n]

    Examples
    --------
    >>> ranks(np.array([5.0, 1.0, 5.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    if np.isnan(values).any():
        raise ArrayError(
            f"{int(np.isnan(values).sum())} of {len(values)} values are nan; rank the others alone"
        )
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[which]


def area_under_curve(scores: NDArray[np.floating], is_positive: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve: how often a positive scores above a negative, a tie being half.

    Parameters
    ----------
    scores : float[n], none nan
    is_positive : bool[n]

    Returns
    -------
    0 to 1, 0.5 by chance; nan where all or none are positive

    Examples
    --------
    >>> area_under_curve(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True]))
    0.875
    """
    n_positive = int(is_positive.sum())
    pairs = n_positive * (len(scores) - n_positive)
    if not pairs:
        return float("nan")
    above = ranks(scores.astype(np.float64))[is_positive].sum() - n_positive * (n_positive + 1) / 2
    return float(above / pairs)


def spearman(values: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Return the rank correlation of two columns; nan if one of them is constant.

    Parameters
    ----------
    values, others : float64[n], none nan

    Notes
    -----
    O(n log n). Ranks of any increasing function are the same: of a length and of its logarithm.

    Examples
    --------
    >>> round(spearman(np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 9.0])), 12)
    1.0
    """
    if len(values) != len(others):
        raise ArrayError(f"columns have {len(values)} and {len(others)} rows; align them")
    if len(values) < 2:
        return float("nan")
    one, other = ranks(values), ranks(others)
    one, other = one - one.mean(), other - other.mean()
    spread = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / spread if spread else float("nan")

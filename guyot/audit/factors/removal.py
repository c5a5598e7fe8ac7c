"""What a recipe removes of each level of a factor, and how strongly removal goes with the factor."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.audit.factors.factor import Factor
from guyot.stats import Interval, wilson


@dataclass(frozen=True)
class Removal:
    """Removal by level, of the documents that have one.

    level : int64[m], numbers of the levels that occur
    rate : of each of these, the share that is removed, with its 95% interval (Wilson)
    removed : int64[m]
    cramers_v : of levels by removed or not, without the bias of small tables; nan where nothing varies
    p : of as large a chi-squared where as many documents are removed at random
    """

    level: NDArray[np.int64]
    rate: tuple[Interval, ...]
    removed: NDArray[np.int64]
    cramers_v: float
    p: float


def removal(
    factor: Factor, removed: NDArray[np.bool_], *, draws: int, stream: np.random.Generator
) -> Removal:
    """Count what is removed of each level, and measure the association.

    Parameters
    ----------
    removed : bool[n]
    draws : random removals for p, whose least value is 1 / (1 + draws)

    Notes
    -----
    O(n + k draws). Read V: with many documents any difference has a small p, and documents that are alike
    are not independent. Cramér's V is Bergsma's (2013), which subtracts what a table without association has.

    Examples
    --------
    >>> from guyot.audit.factors.factor import factor_of
    >>> from guyot.seeds import generator
    >>> floor = factor_of("floor", ["sand"] * 4 + ["grass"] * 4)
    >>> found = removal(floor, floor.level == 0, draws=9, stream=generator(0, "p"))
    >>> [one.value for one in found.rate], round(found.cramers_v, 3)
    ([1.0, 0.0], 1.0)
    """
    known = factor.level >= 0
    total = factor.counts()
    gone = np.bincount(factor.level[known & removed], minlength=len(total))
    level = np.flatnonzero(total)
    total, gone = total[level], gone[level]
    rate = tuple(wilson(int(a), int(b)) for a, b in zip(gone, total, strict=True))
    squared = float(chi_squared(total, gone[None])[0])
    if np.isnan(squared):
        return Removal(level, rate, gone, float("nan"), float("nan"))
    drawn = stream.multivariate_hypergeometric(total, int(gone.sum()), draws, method="marginals")
    as_large = int((chi_squared(total, drawn) >= squared * (1 - 1e-12)).sum())
    return Removal(level, rate, gone, cramers_v(squared, int(total.sum()), len(level), 2),
                   (1 + as_large) / (1 + draws))  # fmt: skip


def chi_squared(total: NDArray[np.int64], removed: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return Pearson's statistic of tables of levels by removed or not: float64[m]; nan where nothing varies.

    Parameters
    ----------
    total : int64[k], documents of each level, each at least 1
    removed : int64[m, k], of m tables

    Examples
    --------
    >>> chi_squared(np.array([10, 10]), np.array([[10, 0], [5, 5]])).tolist()
    [20.0, 0.0]
    """
    n = total.sum()
    share = removed.sum(axis=1, keepdims=True) / max(1, n)
    spread = share * (1 - share)
    away = (removed - total * share) ** 2 / total
    varies = (spread > 0) & (len(total) > 1)
    nowhere: NDArray[np.float64] = np.full(removed.shape, np.nan)
    return np.divide(away, spread, out=nowhere, where=varies).sum(axis=1)


def cramers_v(squared: float, n: int, rows: int, columns: int) -> float:
    """Return Cramér's V of a table with Bergsma's correction of its bias: 0 none, 1 one decides the other.

    Parameters
    ----------
    squared : Pearson's chi-squared
    n : documents, 2 at least

    Examples
    --------
    >>> cramers_v(20.0, 20, 2, 2), cramers_v(0.5, 20, 2, 2)
    (1.0, 0.0)
    """
    phi = max(0.0, squared / n - (rows - 1) * (columns - 1) / (n - 1))
    least = min(size - (size - 1) ** 2 / (n - 1) for size in (rows, columns)) - 1
    return min(1.0, (phi / least) ** 0.5) if least > 0 else float("nan")

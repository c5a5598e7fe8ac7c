"""A factor: one known property of documents, such as a picture's floor, and the level that each has."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_NUMERIC_LEVELS = 12  # a number of more distinct values is measured as a number, and binned as a level
BINS = 8


@dataclass(frozen=True)
class Factor:
    """One property of n documents.

    name : such as shape
    level : int32[n], 0 to k - 1; -1 where the document has none
    levels : the k names, numbers in ascending order, others sorted
    numbers : float64[k], the levels as numbers, ascending; None where they are not
    """

    name: str
    level: NDArray[np.int32]
    levels: tuple[str, ...]
    numbers: NDArray[np.float64] | None = None

    @property
    def is_continuous(self) -> bool:
        """Whether it is a number of more than MAX_NUMERIC_LEVELS distinct values."""
        return self.numbers is not None and len(self.levels) > MAX_NUMERIC_LEVELS

    def counts(self) -> NDArray[np.int64]:
        """Return the documents of each level: int64[k]."""
        return np.bincount(self.level[self.level >= 0], minlength=len(self.levels))

    def select(self, rows: NDArray[np.int64]) -> "Factor":
        """Return the same factor of some documents; levels that none of them has are still there."""
        return Factor(self.name, self.level[rows], self.levels, self.numbers)


def factor_of(name: str, values: Sequence[str | float | None]) -> Factor:
    """Return the factor that documents' values make: strings, or numbers where all of them are.

    Parameters
    ----------
    values : of each document; None where it has none

    Examples
    --------
    >>> yaw = factor_of("yaw", [90.0, None, 0.5, 90.0])
    >>> yaw.levels, yaw.level.tolist()
    (('0.5', '90'), [1, -1, 0, 1])
    """
    known: dict[str | float, int] = {}
    level = np.array([-1 if v is None else known.setdefault(v, len(known)) for v in values], np.int32)
    return from_codes(name, level, list(known))


def from_codes(name: str, level: NDArray[np.int32], known: Sequence[str | float]) -> Factor:
    """Return the factor of values that were numbered as they came, with its levels in order.

    Parameters
    ----------
    level : int32[n], each document's number among `known`, -1 where it has none
    known : distinct values
    """
    numbers = None
    if known and all(isinstance(value, float) for value in known):
        numbers, place = np.unique(np.array(known, np.float64), return_inverse=True)
        levels = tuple(_number_name(float(value)) for value in numbers)
    else:
        names = [value if isinstance(value, str) else _number_name(value) for value in known]
        levels = tuple(sorted(set(names)))
        number = {name: i for i, name in enumerate(levels)}
        place = np.array([number[name] for name in names], np.int32)
    return Factor(name, np.append(place, -1)[level].astype(np.int32), levels, numbers)


def binned(factor: Factor) -> Factor:
    """Return a continuous factor in at most BINS levels of about as many documents; others as they are.

    Notes
    -----
    Equal values are in one bin. Bounds are values that occur: from the first to the last of the bin.

    Examples
    --------
    >>> binned(factor_of("yaw", [float(i) for i in range(16)])).levels[:2]
    ('0 to 1', '2 to 3')
    """
    if not factor.is_continuous or factor.numbers is None:
        return factor
    counts = factor.counts()
    middle = np.cumsum(counts) - counts / 2  # of each value's documents, in the line of all
    bin_of = np.minimum((middle * BINS / max(1, counts.sum())).astype(np.int32), BINS - 1)
    begins = np.flatnonzero(np.diff(bin_of, prepend=-1))
    lasts = np.append(begins[1:], len(bin_of)) - 1
    numbers = [_number_name(float(value)) for value in factor.numbers]
    names = tuple(f"{numbers[a]} to {numbers[b]}" for a, b in zip(begins, lasts, strict=True))
    bin_of = np.cumsum(np.diff(bin_of, prepend=-1) > 0) - 1
    level = np.append(bin_of, -1)[factor.level].astype(np.int32)
    return Factor(factor.name, level, names)


def _number_name(value: float) -> str:
    """Write a number so that no two are alike, whole ones without a point."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)

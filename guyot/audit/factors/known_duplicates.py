"""Precision and recall of a removal where it is known which documents are copies of one another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.stats import Interval, wilson


@dataclass(frozen=True)
class DuplicatesFound:
    """What a rule removes, against the truth.

    precision : share of what is removed whose witness is a copy of it; None where nothing is removed
    recall : share of the excess copies, all but one of each group, that are removed because of a copy; None
        where there are none
    """

    precision: Interval | None
    recall: Interval | None


def duplicates_found(
    group: NDArray[np.int32], removed: NDArray[np.int64], witness: NDArray[np.int64]
) -> DuplicatesFound:
    """Compare removals with the truth.

    Parameters
    ----------
    group : int32[n], what copies of one document have in common; -1 where it is not known
    removed, witness : int64[p], rows; pairs with an unknown group are left out

    Examples
    --------
    >>> found = duplicates_found(np.array([0, 0, 0, 1], np.int32), np.array([1, 3]), np.array([0, 0]))
    >>> found.precision.value, found.recall.value
    (0.5, 0.5)
    """
    known = (group[removed] >= 0) & (group[witness] >= 0)
    of, by = group[removed[known]], group[witness[known]]
    sizes = np.bincount(group[group >= 0], minlength=1)
    right = np.bincount(of[of == by], minlength=len(sizes))
    excess = np.maximum(sizes - 1, 0)
    n_excess, hits = int(excess.sum()), int(np.minimum(right, excess).sum())
    return DuplicatesFound(
        wilson(int((of == by).sum()), len(of)) if len(of) else None,
        wilson(hits, n_excess) if n_excess else None,
    )


def copies_with_originals(
    group: NDArray[np.int32], is_original: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair each copy with the original of its group.

    Parameters
    ----------
    group : int32[n], -1 where it is not known
    is_original : bool[n]; of several in a group the first counts, and the others are its copies

    Returns
    -------
    int64[p], the copies, and int64[p], their originals; groups without an original are left out

    Examples
    --------
    >>> copies_with_originals(np.array([0, 0, 1, 0]), np.array([False, True, True, False]))
    (array([0, 3]), array([1, 1]))
    """
    first = np.full(int(group.max(initial=-1)) + 1, -1, np.int64)
    originals = np.flatnonzero(is_original & (group >= 0))[::-1]
    first[group[originals]] = originals  # the last that is written is the first of its group
    copies = np.flatnonzero(group >= 0)
    of = first[group[copies]]
    paired = (of >= 0) & (of != copies)
    return copies[paired], of[paired]

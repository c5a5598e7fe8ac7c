"""The order in which documents are kept, for methods that use more than one score."""

import numpy as np
from numpy.typing import NDArray

from guyot.narrow import Rows, row_type


def places(line: Rows, n_documents: int) -> Rows:
    """Return each document's position in an order; documents that are not in it come last.

    Parameters
    ----------
    line : int64[m] or int32[m], rows, the first to be kept first

    Returns
    -------
    int32[n], or of 2^31 documents and more int64[n]

    Examples
    --------
    >>> places(np.array([2, 0]), 3).tolist()
    [1, 3, 0]
    """
    narrow = row_type(n_documents)
    place = np.full(n_documents, n_documents, narrow)
    place[line] = np.arange(len(line), dtype=narrow)
    return place


def inverse(order: Rows) -> Rows:
    """Return the place of each row in an order of all: int32[n], or of 2^31 and more int64[n].

    Parameters
    ----------
    order : int64[n] or int32[n], each row once

    Examples
    --------
    >>> inverse(np.array([2, 0, 1])).tolist()
    [1, 2, 0]
    """
    return places(order, len(order))


def spent_within(weights: NDArray[np.int64], group: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return cumulative weights, from the first document of each group.

    Parameters
    ----------
    weights : int64[n]
    group : int32[n], documents of a group side by side

    Returns
    -------
    int64[n]

    Examples
    --------
    >>> spent_within(np.array([1, 2, 5, 1]), np.array([0, 0, 3, 3], np.int32)).tolist()
    [1, 3, 5, 6]
    """
    spent = np.cumsum(weights)
    begins = firsts(group)
    sizes = np.diff(np.append(begins, len(group)))
    return spent - np.repeat(spent[begins] - weights[begins], sizes)


def firsts(group: NDArray[np.int32]) -> NDArray[np.int64]:
    """Find where each group begins.

    Parameters
    ----------
    group : int32[n], documents of a group side by side

    Returns
    -------
    int64[m], rows

    Examples
    --------
    >>> firsts(np.array([0, 0, 3, 3], np.int32)).tolist()
    [0, 2]
    """
    return np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])

"""The order in which documents are kept, for methods that use more than one score."""

import numpy as np
from numpy.typing import NDArray


def places(line: NDArray[np.int64], n_documents: int) -> NDArray[np.int64]:
    """Return each document's position in an order; documents that are not in it come last.

    Parameters
    ----------
    line : int64[m], rows, the first to be kept first

    Returns
    -------
    int64[n]

    Examples
    --------
    >>> places(np.array([2, 0]), 3).tolist()
    [1, 3, 0]
    """
    place = np.full(n_documents, n_documents, np.int64)
    place[line] = np.arange(len(line))
    return place


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

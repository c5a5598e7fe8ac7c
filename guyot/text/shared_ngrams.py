"""Counts the n-grams that documents share with records, pair by pair or many pairs at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PAIRS_AT_ONCE = 1 << 20  # n-grams or pairs that are held at a time
_LOOK_UP_COST = 500  # an n-gram that is looked up costs about as much as so many steps of a product
_MOST_COUNTS = 16 * PAIRS_AT_ONCE  # of documents and records, in a product
_EXACT_IN_FLOAT32 = 1 << 24


@dataclass(frozen=True)
class Ngrams:
    """The distinct n-grams of documents and of records, by their numbers.

    held : int64[k], sorted: document * n_known + number, of the n-grams that documents have
    numbers : int64[s], those of all records, record by record
    offsets : int64[m + 1], where each record's begin
    n_known : numbers are below it
    """

    held: NDArray[np.int64]
    numbers: NDArray[np.int64]
    offsets: NDArray[np.int64]
    n_known: int


def shared_ngrams(
    ngrams: Ngrams, document: NDArray[np.int64], record: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Count the n-grams that the two of each pair share.

    Parameters
    ----------
    document, record : int64[p], each pair once, in this order

    Returns
    -------
    int64[p]

    Notes
    -----
    O(n-grams of the records) for each pair, or where many documents are paired with the same records a
    product of two tables, of documents and of records by n-grams, which is hundreds of times faster.
    """
    if not len(document) or not len(ngrams.held):
        return np.zeros(len(document), np.int64)
    sizes = np.diff(ngrams.offsets)
    documents, records = distinct(document), distinct(record)
    n_looked_up, n_wanted = int(sizes[record].sum()), int(sizes[records].sum())
    n_steps = len(documents) * len(records) * min(n_wanted, len(ngrams.held))
    fits = len(documents) * len(records) <= _MOST_COUNTS and sizes[records].max() < _EXACT_IN_FLOAT32
    if fits and n_steps < _LOOK_UP_COST * n_looked_up:
        return _by_product(ngrams, documents, records)[
            np.searchsorted(documents, document), np.searchsorted(records, record)
        ].astype(np.int64)
    return _by_look_up(ngrams, document, record)


def _by_look_up(ngrams: Ngrams, document: NDArray[np.int64], record: NDArray[np.int64]) -> NDArray[np.int64]:
    """Look for each n-gram of a pair's record among those of its document."""
    shared, counts = np.zeros(len(document), np.int64), np.diff(ngrams.offsets)[record]
    for some in parts(counts):
        at = ranges(ngrams.offsets[record[some]], counts[some])
        wanted = np.repeat(document[some], counts[some]) * ngrams.n_known + ngrams.numbers[at]
        place = np.minimum(np.searchsorted(ngrams.held, wanted), len(ngrams.held) - 1)
        before = np.append(0, np.cumsum(ngrams.held[place] == wanted))
        ends = np.cumsum(counts[some])
        shared[some] = before[ends] - before[ends - counts[some]]
    return shared


def _by_product(
    ngrams: Ngrams, documents: NDArray[np.int64], records: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Count for all documents and records: float32[documents, records], exact, as all counts are small."""
    counts = np.diff(ngrams.offsets)[records]
    wanted = ngrams.numbers[ranges(ngrams.offsets[records], counts)]
    document, held = np.divmod(ngrams.held, ngrams.n_known)
    row = np.minimum(np.searchsorted(documents, document), len(documents) - 1)
    held, row = held[documents[row] == document], row[documents[row] == document]
    both = np.intersect1d(held, wanted)  # the others are shared by no pair
    left_column, left_row = _ones(both, held, row)
    right_column, right_row = _ones(both, wanted, np.repeat(np.arange(len(records)), counts))
    total = np.zeros((len(documents), len(records)), np.float32)
    width = min(len(both), max(1, PAIRS_AT_ONCE // max(total.shape)))
    for begin in range(0, len(both), max(1, width)):
        left = np.zeros((len(documents), width), np.float32)
        here = slice(*np.searchsorted(left_column, [begin, begin + width]))
        left[left_row[here], left_column[here] - begin] = 1
        right = np.zeros((len(records), width), np.float32)
        here = slice(*np.searchsorted(right_column, [begin, begin + width]))
        right[right_row[here], right_column[here] - begin] = 1
        total += left @ right.T
    return total


def _ones(
    columns: NDArray[np.int64], numbers: NDArray[np.int64], row: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Place n-grams in a table with a column for each of some of them: (column, row), by column."""
    has_column = np.isin(numbers, columns)
    column = np.searchsorted(columns, numbers[has_column])
    order = np.argsort(column, kind="stable")
    return column[order], row[has_column][order]


def parts(counts: NDArray[np.int64]) -> list[slice]:
    """Cut items into runs that together count no more than is held at once, or into single ones.

    Parameters
    ----------
    counts : int64[n]
    """
    reached = np.cumsum(counts) // PAIRS_AT_ONCE
    borders = [0, *(np.flatnonzero(reached[1:] != reached[:-1]) + 1).tolist(), len(counts)]
    return [slice(begin, end) for begin, end in zip(borders, borders[1:], strict=False) if end > begin]


def ranges(begins: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return begin, begin + 1, ... for each count, one after the other: int64[sum of the counts].

    Parameters
    ----------
    begins, counts : int64[n]
    """
    ends = np.cumsum(counts)
    return np.arange(int(counts.sum())) + np.repeat(begins - (ends - counts), counts)


def distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sort numbers and leave each but once: int64[m].

    Parameters
    ----------
    values : int64[n]
    """
    ranked = np.sort(values)
    return ranked[np.append(True, ranked[1:] != ranked[:-1])[: len(ranked)]]

"""Which documents a schedule reads, how often and when: counts per document, and the steps that saw one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.train.schedule import Schedule, groups
from guyot.train.segments import group_segments


@dataclass(frozen=True)
class Epoch:
    """One epoch: its number from 0, the seed of its order, and what it reads."""

    epoch: int
    seed: int
    n_documents: int
    n_tokens: int


@dataclass(frozen=True)
class DocumentsRead:
    """What a training reads of each document that it reads at all; int64[m] each, by row.

    rows : the documents, ascending
    exposures : how often each is read, wholly or in part
    tokens : of it that are read, all times together
    first_tokens : tokens that the training has read before it
    """

    rows: NDArray[np.int64]
    exposures: NDArray[np.int64]
    tokens: NDArray[np.int64]
    first_tokens: NDArray[np.int64]


def documents_read(schedule: Schedule) -> DocumentsRead:
    """List the documents that a training reads, how often, how much of each, and from when on.

    Notes
    -----
    O(n) and the orders of the first epoch and of the last one, up to its end.

    Examples
    --------
    >>> from guyot.train.plan import plan
    >>> read = documents_read(plan(np.array([3, 3]), 8, 0))
    >>> sorted(read.tokens.tolist()), sorted(read.first_tokens.tolist())
    ([3, 5], [0, 3])
    """
    repeats, counts = (np.asarray(part, np.int64) for part in (schedule.repeats, schedule.token_counts))
    n_whole = schedule.train_tokens // schedule.epoch_tokens
    tokens = n_whole * repeats * counts
    begin = n_whole * schedule.epoch_tokens
    for _, _, segments in groups(schedule, begin) if begin < schedule.train_tokens else ():
        np.add.at(tokens, segments.rows, segments.n_tokens)
    first_tokens = np.full(schedule.n_documents, schedule.train_tokens, np.int64)
    for group in groups(schedule, 0, min(schedule.epoch_tokens, schedule.train_tokens)):
        begins = group.begin + np.cumsum(group.segments.n_tokens) - group.segments.n_tokens
        np.minimum.at(first_tokens, group.segments.rows, begins)
    times = exposures(schedule)
    rows = np.flatnonzero(times)
    return DocumentsRead(rows, times[rows], tokens[rows], first_tokens[rows])


def exposures(schedule: Schedule) -> NDArray[np.int64]:
    """Count how often each document is read, wholly or in part: int64[n].

    Notes
    -----
    O(n); no order is computed but that of the last epoch up to its end.

    Examples
    --------
    >>> from guyot.train.plan import plan
    >>> sorted(exposures(plan(np.array([3, 3]), 8, 0)).tolist())
    [1, 2]
    """
    n_whole = schedule.train_tokens // schedule.epoch_tokens
    return n_whole * np.asarray(schedule.repeats, np.int64) + _last_exposures(schedule)


def _last_exposures(schedule: Schedule) -> NDArray[np.int64]:
    """Count how often an epoch that is cut short reads each document; zeros where none is."""
    found = np.zeros(schedule.n_documents, np.int64)
    begin = schedule.train_tokens // schedule.epoch_tokens * schedule.epoch_tokens
    for _, _, segments in groups(schedule, begin) if begin < schedule.train_tokens else ():
        copies = int(segments.copies.max()) + 1
        visits = np.unique(segments.rows * copies + segments.copies)
        np.add.at(found, visits // copies, 1)
    return found


def epochs(schedule: Schedule) -> tuple[Epoch, ...]:
    """Sum up every epoch, in order; their tokens add up to the budget.

    Examples
    --------
    >>> from guyot.train.plan import plan
    >>> [(epoch.n_documents, epoch.n_tokens) for epoch in epochs(plan(np.array([3, 3]), 8, 0))]
    [(2, 6), (1, 2)]
    """
    n_whole, left = divmod(schedule.train_tokens, schedule.epoch_tokens)
    n_read = int(np.count_nonzero(schedule.repeats))
    whole = [Epoch(number, schedule.seed, n_read, schedule.epoch_tokens) for number in range(n_whole)]
    if not left:
        return tuple(whole)
    n_last = int(np.count_nonzero(_last_exposures(schedule)))
    return (*whole, Epoch(n_whole, schedule.seed, n_last, left))


def tokens_that_saw(schedule: Schedule, row: int) -> NDArray[np.int64]:
    """Return the tokens of a training at which it reads a document.

    Parameters
    ----------
    row : the document, 0 to n - 1

    Returns
    -------
    int64[m, 2], ascending: the document's tokens are the training's [begin, end), a row for each segment

    Raises
    ------
    SettingError : no such row.

    Notes
    -----
    Of each epoch the group that reads the document is found by the inverse of the permutation, and it alone
    is computed.

    Examples
    --------
    >>> from guyot.train.plan import plan
    >>> tokens_that_saw(plan(np.array([3]), 8, 0), 0).tolist()
    [[0, 3], [3, 6], [6, 8]]
    """
    if not 0 <= row < schedule.n_documents:
        raise SettingError(
            f"row {row} was asked for; the schedule has {schedule.n_documents}, and rows count from 0"
        )
    found: list[NDArray[np.int64]] = [np.zeros((0, 2), np.int64)]
    for epoch in range(schedule.n_epochs if schedule.repeats[row] else 0):
        order = schedule.order(epoch)
        group = int(order.groups_of(np.array([row]))[0])
        begin = epoch * schedule.epoch_tokens + int(schedule.group_begins(order)[group])
        if begin >= schedule.train_tokens:
            continue
        read = group_segments(order, group, schedule.token_counts, schedule.repeats, schedule.segment_tokens)
        own = np.flatnonzero(read.rows == row)
        ends = begin + np.cumsum(read.n_tokens)[own]
        spans = np.stack([ends - read.n_tokens[own], np.minimum(ends, schedule.train_tokens)], axis=1)
        found.append(spans[spans[:, 0] < spans[:, 1]])
    return np.concatenate(found)


def steps_that_saw(schedule: Schedule, row: int, tokens_per_step: int) -> NDArray[np.int64]:
    """Return the training steps at which a document was read.

    Parameters
    ----------
    row : the document, 0 to n - 1
    tokens_per_step : tokens that a full step reads; step i reads [i, i + 1) times as many

    Returns
    -------
    int64[m], ascending, steps from 0; empty for a document that the budget never reached

    Raises
    ------
    SettingError : no such row, or tokens_per_step below 1.

    Examples
    --------
    >>> from guyot.train.plan import plan
    >>> steps_that_saw(plan(np.array([3]), 8, 0), 0, 4).tolist()
    [0, 1]
    """
    if tokens_per_step < 1:
        raise SettingError(f"tokens_per_step={tokens_per_step}; a step reads at least 1 token")
    spans: list[list[int]] = tokens_that_saw(schedule, row).tolist()
    steps = [np.arange(begin // tokens_per_step, (end - 1) // tokens_per_step + 1) for begin, end in spans]
    return np.unique(np.concatenate([np.zeros(0, np.int64), *steps]))

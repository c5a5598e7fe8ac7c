"""The order in which a training reads a mixture: as many epochs as the token budget asks for.

Each epoch reads every token of every document once, in an order of its own; the last segment is cut where
the budget ends. A document longer than a segment is read in several, each at its own place in the order,
so that a short training reads from many documents instead of a few long ones. A segment is of one document.
Only the counts are held: an epoch's order is drawn again whenever it is asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.seeds import generator


@dataclass(frozen=True)
class Epoch:
    """One epoch: its number from 0, the seed of its order, and what it reads."""

    epoch: int
    seed: int
    n_documents: int
    n_tokens: int


class Segment(NamedTuple):
    """A part of one document that is read at once; its tokens are [first_token, first_token + n_tokens)."""

    epoch: int
    row: int
    first_token: int
    n_tokens: int


@dataclass(frozen=True)
class Schedule:
    """A plan of the segments of n documents.

    token_counts : int64[n], tokens per document
    exposures : int64[n], epochs that saw the document, or a part of it
    epochs : every epoch in order; their n_tokens add up to train_tokens
    segment_tokens : the longest segment; None: every segment is a whole document
    """

    token_counts: NDArray[np.int64]
    train_tokens: int
    seed: int
    label: str
    epochs: tuple[Epoch, ...]
    exposures: NDArray[np.int64]
    segment_tokens: int | None = None


def epoch_order(seed: int, label: str, epoch: int, n_segments: int) -> NDArray[np.int64]:
    """Draw the order of one epoch.

    Parameters
    ----------
    seed, label, epoch : name the order; the label is the recipe's

    Returns
    -------
    int64[n_segments], each once

    Examples
    --------
    >>> sorted(epoch_order(0, "random", 1, 4).tolist())
    [0, 1, 2, 3]
    """
    return generator(seed, "schedule", label, epoch).permutation(n_segments)


def plan(
    token_counts: NDArray[np.int64],
    train_tokens: int,
    seed: int,
    label: str,
    segment_tokens: int | None = None,
) -> Schedule:
    """Spread a token budget over a mixture's documents.

    Parameters
    ----------
    token_counts : int64[n], each 1 or more
    train_tokens : the budget, met to the token
    seed, label : name the orders, see `epoch_order`
    segment_tokens : a longer document is read in segments of this many tokens; None: whole

    Raises
    ------
    SettingError : no documents, a document of no tokens, no budget, or segments of no tokens.

    Notes
    -----
    O(segments) time and memory: only the last epoch's order is drawn.

    Examples
    --------
    >>> schedule = plan(np.array([3, 3]), 8, 0, "random")
    >>> [epoch.n_tokens for epoch in schedule.epochs], sorted(schedule.exposures.tolist())
    ([6, 2], [1, 2])
    """
    _check(token_counts, train_tokens, segment_tokens)
    n_documents, per_epoch = len(token_counts), int(token_counts.sum())
    n_whole, left = divmod(train_tokens, per_epoch)
    epochs = [Epoch(number, seed, n_documents, per_epoch) for number in range(n_whole)]
    exposures = np.full(n_documents, n_whole, np.int64)
    if left:
        pieces = _segments(token_counts, segment_tokens)
        rows = np.unique(_cut(epoch_order(seed, label, n_whole, len(pieces[0])), pieces, left)[0])
        exposures[rows] += 1
        epochs.append(Epoch(n_whole, seed, len(rows), left))
    return Schedule(token_counts, train_tokens, seed, label, tuple(epochs), exposures, segment_tokens)


def _check(token_counts: NDArray[np.int64], train_tokens: int, segment_tokens: int | None) -> None:
    """Refuse a budget that cannot be spent."""
    if segment_tokens is not None and segment_tokens < 1:
        raise SettingError(f"segment_tokens={segment_tokens}; at least 1 is needed")
    if not len(token_counts):
        raise SettingError(
            f"train_tokens={train_tokens} over a mixture of 0 documents; raise its target_fraction, or "
            "loosen its limits"
        )
    if train_tokens < 1:
        raise SettingError(f"train_tokens={train_tokens}; at least 1 is needed")
    empty = np.flatnonzero(token_counts < 1)
    if empty.size:
        raise SettingError(
            f"{empty.size} of {len(token_counts)} documents have no tokens (row {empty[0]} has "
            f"{token_counts[empty[0]]}); leave them out of the mixture"
        )


def epoch_segments(
    schedule: Schedule, epoch: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """List one epoch's segments in order: rows, first tokens and numbers of tokens, int64[m] each.

    Parameters
    ----------
    epoch : 0 to len(schedule.epochs) - 1
    """
    pieces = _segments(schedule.token_counts, schedule.segment_tokens)
    order = epoch_order(schedule.seed, schedule.label, epoch, len(pieces[0]))
    return _cut(order, pieces, schedule.epochs[epoch].n_tokens)


Segments = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def _segments(token_counts: NDArray[np.int64], segment_tokens: int | None) -> Segments:
    """Cut documents into pieces: (rows, first tokens, numbers of tokens), in order of both."""
    longest = segment_tokens or int(token_counts.max())
    n_segments = -(-token_counts // longest)
    rows = np.repeat(np.arange(len(token_counts)), n_segments)
    firsts = (np.arange(len(rows)) - np.repeat(np.cumsum(n_segments) - n_segments, n_segments)) * longest
    return rows, firsts, np.minimum(longest, token_counts[rows] - firsts)


def _cut(order: NDArray[np.int64], pieces: Segments, budget: int) -> Segments:
    """Take pieces in order up to a budget of tokens, the last one in part."""
    rows, firsts, sizes = (part[order] for part in pieces)
    ends = np.cumsum(sizes)
    size = int(np.searchsorted(ends, budget)) + 1
    sizes[size - 1] -= ends[size - 1] - budget
    return rows[:size], firsts[:size], sizes[:size]


def segments(schedule: Schedule) -> Iterator[Segment]:
    """Yield every segment in order, epoch by epoch; the tokens add up to the budget.

    Examples
    --------
    >>> sum(segment.n_tokens for segment in segments(plan(np.array([3, 3]), 8, 0, "random")))
    8
    """
    for epoch in range(len(schedule.epochs)):
        listed = (part.tolist() for part in epoch_segments(schedule, epoch))
        for row, first_token, n_tokens in zip(*listed, strict=True):
            yield Segment(epoch, row, first_token, n_tokens)


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

    Notes
    -----
    O(segments) per epoch.

    Examples
    --------
    >>> steps_that_saw(plan(np.array([3]), 8, 0, "random"), 0, 4).tolist()
    [0, 1]
    """
    if not 0 <= row < len(schedule.token_counts) or tokens_per_step < 1:
        raise SettingError(
            f"steps of row {row} of {len(schedule.token_counts)} at {tokens_per_step} tokens per "
            "step; rows count from 0, and a step reads at least 1 token"
        )
    found: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    begin = 0
    for epoch in schedule.epochs:
        rows, _, lengths = epoch_segments(schedule, epoch.epoch)
        ends = begin + np.cumsum(lengths)
        for place in np.flatnonzero(rows == row).tolist():
            first, last = int(ends[place] - lengths[place]), int(ends[place]) - 1
            found.append(np.arange(first // tokens_per_step, last // tokens_per_step + 1))
        begin += epoch.n_tokens
    return np.unique(np.concatenate(found))

"""The order in which a training reads a mixture: as many epochs as the token budget asks for.

Each epoch reads every kept document as often as it is to be repeated, in an order of its own; the last
segment is cut where the budget ends. Only the counts of tokens and the repeats are held: orders are computed,
group by group (`guyot.train.epoch_order`). A schedule is over all documents of a snapshot, dropped ones
included, so that two mixtures of it read what they share in the same relative order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from guyot.errors import MissingError, SettingError
from guyot.train.epoch_order import EpochOrder, Shuffle
from guyot.train.segments import Segments, group_segments

# What computes an order from a seed. A change of the order, however small, is another name: a run of before
# would otherwise be said to have read what it did not.
ORDER = "blocks-1"


class Segment(NamedTuple):
    """A part of one document that is read at once; its tokens are [first_token, first_token + n_tokens)."""

    epoch: int
    row: int
    first_token: int
    n_tokens: int


class ScheduledGroup(NamedTuple):
    """What one group of an epoch reads, in order; the training has read `begin` tokens before it."""

    epoch: int
    begin: int
    segments: Segments


@dataclass(frozen=True, eq=False)
class Schedule:
    """What a training reads of n documents, in which order; made by `guyot.train.plan`.

    token_counts : int[n], tokens per document
    repeats : int[n], how often each epoch reads it; 0: not at all
    block_tokens : int64[blocks], tokens that an epoch reads of each block of documents
    train_tokens : the budget
    segment_tokens : the longest segment; None: every segment is a whole document
    """

    token_counts: NDArray[np.integer]
    repeats: NDArray[np.integer]
    block_tokens: NDArray[np.int64]
    train_tokens: int
    seed: int
    segment_tokens: int | None
    shuffle: Shuffle

    @property
    def n_documents(self) -> int:
        """Count the documents, dropped ones included."""
        return len(self.token_counts)

    @property
    def epoch_tokens(self) -> int:
        """Count the tokens of a whole epoch."""
        return int(self.block_tokens.sum())

    @property
    def n_epochs(self) -> int:
        """Count the epochs, the last one in part."""
        return -(-self.train_tokens // self.epoch_tokens)

    def order(self, epoch: int) -> EpochOrder:
        """Return the order of an epoch.

        Raises
        ------
        SettingError : there is no such epoch.
        """
        if not 0 <= epoch < self.n_epochs:
            raise SettingError(f"epoch {epoch} was asked for; the schedule has 0 to {self.n_epochs - 1}")
        return EpochOrder(self.n_documents, self.shuffle, self.seed, epoch)

    def group_begins(self, order: EpochOrder) -> NDArray[np.int64]:
        """Return the tokens that an epoch has read before each group, and at its end: int64[groups + 1]."""
        in_order = self.block_tokens[order.blocks.items(np.arange(order.n_blocks))]
        sums = np.add.reduceat(in_order, np.arange(0, order.n_blocks, self.shuffle.group_blocks))
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(sums)])


def groups(schedule: Schedule, from_token: int = 0, to_token: int | None = None) -> Iterator[ScheduledGroup]:
    """Yield what a training reads from one token on, group by group.

    Parameters
    ----------
    from_token : tokens that were read before, 0 to train_tokens; the first segment begins exactly there
    to_token : up to which token; None: to the end

    Raises
    ------
    SettingError : there are no such tokens.

    Notes
    -----
    Memory and the time to the first segment are those of one group, and a word per block.
    """
    end = schedule.train_tokens if to_token is None else to_token
    if not 0 <= from_token <= end <= schedule.train_tokens:
        raise SettingError(
            f"tokens {from_token} to {end} were asked for; the schedule has 0 to {schedule.train_tokens}"
        )
    per_epoch = schedule.epoch_tokens
    for epoch in range(from_token // per_epoch, -(-end // per_epoch)):
        order = schedule.order(epoch)
        begins = schedule.group_begins(order) + epoch * per_epoch
        first = max(0, int(np.searchsorted(begins, from_token, "right")) - 1)
        for group in range(first, order.n_groups):
            begin = int(begins[group])
            if begin >= end or begins[group + 1] == begin:
                continue
            found = group_segments(
                order, group, schedule.token_counts, schedule.repeats, schedule.segment_tokens
            )
            part = _between(found, from_token - begin, end - begin)
            yield ScheduledGroup(epoch, max(begin, from_token), part)


def _between(found: Segments, low: int, high: int) -> Segments:
    """Cut segments to the tokens [low, high) of all of theirs."""
    ends = np.cumsum(found.n_tokens)
    if low <= 0 and high >= ends[-1]:
        return found
    chosen = slice(int(np.searchsorted(ends, low, "right")), int(np.searchsorted(ends, high)) + 1)
    rows, copies, firsts, sizes = (part[chosen] for part in found)
    before = np.maximum(low - (ends[chosen] - sizes), 0)
    after = np.maximum(ends[chosen] - high, 0)
    return Segments(rows, copies, firsts + before, sizes - before - after)


def epoch_segments(schedule: Schedule, epoch: int) -> Segments:
    """List one epoch's segments in order; O(segments) memory.

    Raises
    ------
    SettingError : there is no such epoch.
    """
    schedule.order(epoch)
    begin = epoch * schedule.epoch_tokens
    end = min(begin + schedule.epoch_tokens, schedule.train_tokens)
    parts = [group.segments for group in groups(schedule, begin, end)]
    return Segments(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def segments(schedule: Schedule, from_token: int = 0) -> Iterator[Segment]:
    """Yield every segment in order, epoch by epoch; the tokens add up to the budget.

    Parameters
    ----------
    from_token : tokens that were read before, as by a training that is resumed

    Examples
    --------
    >>> from guyot.train.plan import plan
    >>> schedule = plan(np.array([3, 3]), 8, 0)
    >>> sum(segment.n_tokens for segment in segments(schedule))
    8
    >>> next(segments(schedule, from_token=5)).n_tokens
    1
    """
    for epoch, _, found in groups(schedule, from_token):
        listed = (part.tolist() for part in (found.rows, found.first_tokens, found.n_tokens))
        for row, first_token, n_tokens in zip(*listed, strict=True):
            yield Segment(epoch, row, first_token, n_tokens)


def require_order(order: object, name: str) -> None:
    """Refuse a schedule whose order this version does not compute.

    Parameters
    ----------
    order : what was recorded with it
    name : of the schedule, for the message

    Raises
    ------
    MissingError : it is another than ORDER, or none was recorded.
    """
    if order != ORDER:
        raise MissingError(
            f"the order {ORDER!r} of {name} was asked for; it was planned in {order or 'an older one'!r}, "
            "which this version does not compute; build epoch_schedules again, or read it with the version "
            "that planned it"
        )

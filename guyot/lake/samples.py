# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""The samples that a training reads of a mixture, numbered in one order: windows of tokens, or documents."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from guyot.errors import CorruptError
from guyot.lake.row_groups import RowGroups
from guyot.train.schedule import Schedule, groups
from guyot.train.segments import Segments

_TOKENS_AT_ONCE = 1 << 18
Wanted = Callable[[NDArray[np.int64]], NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class TokenWindows:
    """Windows of tokens: sample i is tokens [i x length, (i + 1) x length) of what the schedule reads.

    Documents follow one another without padding; each begins with the tokenizer's <|bos|>. What is left of
    the budget at the end, less than a window, is not read.
    """

    schedule: Schedule
    stored: RowGroups
    length: int

    @property
    def n_samples(self) -> int:
        """Count the windows."""
        return self.schedule.train_tokens // self.length

    def blocks(self, first: int, wanted: Wanted) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int32]]]:
        """Yield windows from one on, some at a time: (numbers int64[m], windows int32[m, length]).

        Parameters
        ----------
        first : number of the first sample
        wanted : tells which of some samples to yield

        Notes
        -----
        Memory: the tokens of one group of blocks.
        """
        left, number = np.zeros(0, np.int32), first
        for tokens in self._tokens(first * self.length, self.n_samples * self.length):
            stream = np.concatenate([left, tokens]) if len(left) else tokens
            n_windows = len(stream) // self.length
            numbers = np.arange(number, number + n_windows)
            chosen = wanted(numbers)
            windows = stream[: n_windows * self.length].reshape(n_windows, self.length)
            if chosen.all():
                yield numbers, windows
            elif chosen.any():
                yield numbers[chosen], windows[chosen]
            left, number = stream[n_windows * self.length :], number + n_windows

    def _tokens(self, begin: int, end: int) -> Iterator[NDArray[np.int32]]:
        """Yield the tokens [begin, end) of the schedule, in parts."""
        # one for all groups: new memory costs more than what is copied into it
        buffer = np.zeros(0, np.int32)
        longest = self.schedule.segment_tokens or int(self.schedule.token_counts.max())
        for _, _, read in groups(self.schedule, begin, end) if begin < end else ():
            rows, place = _distinct(read.rows)
            counts = self.schedule.token_counts[rows].astype(np.int64)
            if len(buffer) < (size := int(counts.sum())):
                buffer = np.empty(size, np.int32)
            self._fill(buffer, rows, counts)
            n_pieces, number = -(-counts // longest), read.first_tokens // longest
            pieces = (np.cumsum(n_pieces) - n_pieces)[place] + number
            stored = _pieces(buffer, counts, n_pieces, longest)
            # a piece is taken whole; the first and the last of all may be read in part
            skipped, left = int(read.first_tokens[0] - number[0] * longest), int(read.n_tokens.sum())
            parts = np.cumsum(read.n_tokens) // _TOKENS_AT_ONCE
            bounds = np.concatenate([[0], np.flatnonzero(np.diff(parts)) + 1, [len(parts)]]).tolist()
            for low, high in zip(bounds, bounds[1:], strict=False):
                taken = stored.take(pa.array(pieces[low:high]))
                tokens = np.frombuffer(taken.buffers()[2], np.int32)[skipped : skipped + left]
                skipped, left = 0, left - len(tokens)
                yield tokens

    def _fill(self, buffer: NDArray[np.int32], rows: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
        """Read the tokens of some documents, one after the other."""
        ends = np.cumsum(counts)
        for which, batch in self.stored.batches(rows):
            lists = batch.column(0)
            first, last = int(which[0]), int(which[-1])
            offsets = lists.offsets.to_numpy()
            sizes = np.diff(offsets)
            if not np.array_equal(sizes, counts[first : last + 1]):
                raise CorruptError(
                    f"the tokens of rows {rows[first]} to {rows[last]} are {sizes.sum()}, and were "
                    f"{counts[first : last + 1].sum()} when the schedule was planned; build "
                    "quality_signals and what follows it again"
                )
            # not flatten(), which copies
            tokens = lists.values.to_numpy()[offsets[0] : offsets[-1]]
            buffer[ends[first] - counts[first] : ends[last]] = tokens


def _distinct(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return different rows, ascending, and the place of each given one among them."""
    order = np.argsort(rows, kind="stable")
    is_new = np.diff(rows[order], prepend=-1) > 0
    place = np.empty(len(rows), np.int64)
    place[order] = np.cumsum(is_new) - 1
    return rows[order][is_new], place


def _pieces(
    tokens: NDArray[np.int32], counts: NDArray[np.int64], n_pieces: NDArray[np.int64], longest: int
) -> pa.Array:
    """View documents' tokens as an array of their pieces' bytes, which Arrow copies faster than numbers."""
    first = np.cumsum(n_pieces) - n_pieces
    within = np.arange(int(n_pieces.sum())) - np.repeat(first, n_pieces)
    begins = np.repeat(np.cumsum(counts) - counts, n_pieces) + within * longest
    offsets = np.concatenate([begins, [counts.sum()]]) * tokens.itemsize
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(tokens)]
    return pa.Array.from_buffers(pa.large_binary(), len(begins), buffers)


@dataclass(frozen=True, eq=False)
class Documents:
    """Documents: sample i is the i-th that the schedule reads, whose token counts are all 1.

    stored : where a sample's values are, by their keys in it
    """

    schedule: Schedule
    stored: Mapping[tuple[str, ...], RowGroups]

    @property
    def n_samples(self) -> int:
        """Count the documents, each as often as it is read."""
        return self.schedule.train_tokens

    def blocks(self, first: int, wanted: Wanted) -> Iterator[tuple[NDArray[np.int64], list[dict[str, Any]]]]:
        """Yield documents from one on, as `TokenWindows.blocks` does: (numbers int64[m], m samples).

        Notes
        -----
        Memory: the documents of one group of blocks, those alone that are wanted.
        """
        for _, begin, read in groups(self.schedule, first) if first < self.n_samples else ():
            numbers = np.arange(begin, begin + len(read.rows))
            chosen = wanted(numbers)
            if chosen.any():
                yield numbers[chosen], self._documents(Segments(*(part[chosen] for part in read)))

    def _documents(self, read: Segments) -> list[dict[str, Any]]:
        """Read documents, in the order of their segments."""
        rows, place = np.unique(read.rows, return_inverse=True)
        found: list[dict[str, Any]] = [{} for _ in rows]
        for names, stored in self.stored.items():
            for which, batch in stored.batches(rows):
                columns = (column.to_pylist() for column in batch.columns)
                for row, values in zip(which.tolist(), zip(*columns, strict=True), strict=True):
                    found[row] |= zip(names, values, strict=True)
        # a document that is read twice is two samples
        return [dict(found[number]) for number in place.tolist()]

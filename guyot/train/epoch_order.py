"""The order in which one epoch reads documents, as a function: the one at a position, and its inverse.

Neighbouring documents form blocks. The blocks are permuted, and the documents of every `group_blocks`
permuted blocks are mixed among themselves. So a reader that holds one group at a time reads whole blocks,
each of which lies together in its file, and still meets documents from all over the corpus, as with `py1br`
of MosaicML Streaming. The larger a group, the nearer to a permutation of all documents, and the more memory
it takes to read; a corpus of no more than one group (65,536 documents) is permuted as a whole.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.train.permutation import Permutation

_Whole = TypeVar("_Whole", int, NDArray[np.int64])
SHARD_ALIGNMENT = 512  # documents that one row group of stored tokens holds


@dataclass(frozen=True)
class Shuffle:
    """How far documents are mixed.

    block_documents : neighbours that are read together
    group_blocks : permuted blocks whose documents are mixed
    """

    block_documents: int = 1024
    group_blocks: int = 64

    def __post_init__(self) -> None:
        if self.block_documents < 1 or self.group_blocks < 1:
            raise SettingError(
                f"block_documents={self.block_documents}, group_blocks={self.group_blocks}; "
                "each must be at least 1"
            )


@dataclass(frozen=True)
class EpochOrder:
    """The order of n documents in one epoch; rows and positions are 0 to n - 1.

    Notes
    -----
    Constant memory, whatever n is: some 50 us for one document (`document`, `position`), and less than one
    for each of many (`at`, `places`) that are of the same group.

    Examples
    --------
    >>> order = EpochOrder(10**9, Shuffle(), seed=0, epoch=3)
    >>> order.position(order.document(123_456_789))
    123456789
    """

    n_documents: int
    shuffle: Shuffle
    seed: int
    epoch: int

    @property
    def n_blocks(self) -> int:
        """Count the blocks; the last may be short."""
        return -(-self.n_documents // self.shuffle.block_documents)

    @property
    def n_groups(self) -> int:
        """Count the groups; the last may be short."""
        return -(-self.n_blocks // self.shuffle.group_blocks)

    @cached_property
    def blocks(self) -> Permutation:
        """The permutation of the blocks."""
        return Permutation(self.n_blocks, self.seed, ("schedule", "blocks", self.epoch))

    def mixing(self, group: int, n_items: int, copy: int = 0) -> Permutation:
        """Return the permutation that mixes a group's documents, or parts of these.

        Parameters
        ----------
        n_items : how many there are
        copy : which reading of them, where an epoch reads some more than once
        """
        return Permutation(n_items, self.seed, ("schedule", "group", self.epoch, group, copy))

    def groups_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the group that reads each document, int64[m].

        Parameters
        ----------
        rows : int64[m]
        """
        self._check(int(rows.min(initial=0)), int(rows.max(initial=0)))
        return self.blocks.places(rows // self.shuffle.block_documents) // self.shuffle.group_blocks

    def rows(self, group: int) -> NDArray[np.int64]:
        """List a group's documents before they are mixed, int64[m]: block by block, ascending in each."""
        first = group * self.shuffle.group_blocks
        places = np.arange(first, min(first + self.shuffle.group_blocks, self.n_blocks))
        within = np.arange(self.shuffle.block_documents)
        rows = (self.blocks.items(places)[:, None] * self.shuffle.block_documents + within).reshape(-1)
        return rows[rows < self.n_documents]

    def at(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the document at each position, int64[m].

        Parameters
        ----------
        positions : int64[m]

        Raises
        ------
        SettingError : a position below 0 or not below n.
        """
        self._check(int(positions.min(initial=0)), int(positions.max(initial=0)))
        groups = self._places_of_blocks(positions) // self.shuffle.group_blocks
        unmixed = np.empty_like(positions)
        for group in np.unique(groups).tolist():
            own, begin, size = groups == group, *self._bounds(group)
            unmixed[own] = begin + self.mixing(group, size).items(positions[own] - begin)
        places = self._places_of_blocks(unmixed)
        return self.blocks.items(places) * self.shuffle.block_documents + unmixed - self._begins(places)

    def places(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the position of each document, int64[m]: the inverse of `at`.

        Parameters
        ----------
        rows : int64[m]
        """
        self._check(int(rows.min(initial=0)), int(rows.max(initial=0)))
        blocks, within = np.divmod(rows, self.shuffle.block_documents)
        places = self.blocks.places(blocks)
        unmixed, groups = self._begins(places) + within, places // self.shuffle.group_blocks
        found = np.empty_like(rows)
        for group in np.unique(groups).tolist():
            own, begin, size = groups == group, *self._bounds(group)
            found[own] = begin + self.mixing(group, size).places(unmixed[own] - begin)
        return found

    def document(self, position: int) -> int:
        """Return the document at one position, as `at` does."""
        self._check(position, position)
        group = self._places_of_blocks(position) // self.shuffle.group_blocks
        begin, size = self._bounds(group)
        unmixed = begin + self.mixing(group, size).item(position - begin)
        place = self._places_of_blocks(unmixed)
        return self.blocks.item(place) * self.shuffle.block_documents + unmixed - self._begins(place)

    def position(self, row: int) -> int:
        """Return the position of one document, as `places` does."""
        self._check(row, row)
        block, within = divmod(row, self.shuffle.block_documents)
        place = self.blocks.place(block)
        begin, size = self._bounds(group := place // self.shuffle.group_blocks)
        return begin + self.mixing(group, size).place(self._begins(place) + within - begin)

    @cached_property
    def _short(self) -> tuple[int, int]:
        """The place of the last block, and how many documents it lacks."""
        lacking = self.n_blocks * self.shuffle.block_documents - self.n_documents
        return self.blocks.place(self.n_blocks - 1), lacking

    def _begins(self, places: _Whole) -> _Whole:
        """Return the position at which the block at each place begins."""
        short, lacking = self._short
        return places * self.shuffle.block_documents - lacking * (places > short)

    def _places_of_blocks(self, positions: _Whole) -> _Whole:
        """Return at which place among the blocks each position lies, before the mixing."""
        short, lacking = self._short
        is_after = positions >= (short + 1) * self.shuffle.block_documents - lacking
        return (positions + lacking * is_after) // self.shuffle.block_documents

    def _bounds(self, group: int) -> tuple[int, int]:
        """Return the position at which a group begins, and its documents."""
        first = group * self.shuffle.group_blocks
        begin = self._begins(first)
        return begin, self._begins(min(first + self.shuffle.group_blocks, self.n_blocks)) - begin

    def _check(self, low: int, high: int) -> None:
        """Refuse what is no row or position."""
        if low < 0 or high >= self.n_documents:
            raise SettingError(f"{low} to {high} were asked for; there are 0 to {self.n_documents - 1}")


def shard_begins(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lay shards out in rows, so that the border of a block is a border of row groups too.

    Parameters
    ----------
    sizes : int64[s], documents of each shard, in order

    Returns
    -------
    int64[s + 1], the row at which each shard begins, a multiple of 512, and the number of rows. Rows between
    a shard's last document and the next shard are of no document; a schedule repeats them 0 times.

    Examples
    --------
    >>> shard_begins(np.array([512, 3, 9])).tolist()
    [0, 512, 1024, 1033]
    """
    padded = -(-sizes // SHARD_ALIGNMENT) * SHARD_ALIGNMENT
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum(padded, dtype=np.int64)])
    begins[-1] -= padded[-1] - sizes[-1] if len(sizes) else 0
    return begins

"""Rough products of earlier and later rows, tile by tile."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.rotation import PAIR_COST, Heads
from guyot.vectors.screen import Rows, UnitRows

TILE_ROWS = 256  # rows of a tile: more waste the triangle of a small list, fewer slow the product
_HEAD_ROWS = 1024  # the same of heads, whose product is short
PANEL_ROWS = 4096  # rows that a thread compares with all before them
_WIDE_BLOCKS = 4  # for so many blocks a row that was multiplied whole stays so
_PACKED_ROWS = 24  # a product takes as long as one of so many rows more
NO_COSINE = np.float32(-np.inf)


@dataclass(frozen=True)
class Tile:
    """Rough cosines of some targets to adjacent sources; valid until the next tile is asked for.

    targets : int64[r], numbers of the targets in their panel
    n_earlier : int64[r], how many of the sources come before each target
    first : the number of the first source
    rough : float32[r, s]; -inf where the source does not come before the target
    error : how far below the cosine they are at most; where they are no mere bounds, above it too
    is_bound : whether they are upper bounds of the cosines, and may lie far above
    """

    targets: NDArray[np.int64]
    n_earlier: NDArray[np.int64]
    first: int
    rough: NDArray[np.float32]
    error: np.float32
    is_bound: bool

    def at_least(self, threshold: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find where rough cosines reach a threshold.

        Parameters
        ----------
        threshold : float32[r], above -inf; inf for rows in which nothing does

        Returns
        -------
        int64[p], rows of the tile, ascending; int64[p], columns, ascending in each row
        """
        hot = np.flatnonzero(threshold < np.inf)
        if 2 * len(hot) > len(threshold):  # then leaving rows out costs more than looking at them
            return np.divmod(np.flatnonzero(self.rough >= threshold[:, None]), self.rough.shape[1])
        found = np.flatnonzero(self.rough[hot] >= threshold[hot, None])
        place, column = np.divmod(found, self.rough.shape[1])
        return hot[place], column


class Tiles:
    """The products of some targets with the sources that come before them.

    rows : what is multiplied
    targets, sources : int64[t] and int64[s], rows, each ascending; at most PANEL_ROWS targets
    heads : the rotated rows, if that spares work
    is_open : bool[t], looked at before each tile: targets that are not are left out
    is_wide : bool[t], as above: targets that are multiplied whole and not by their heads
    """

    def __init__(
        self,
        rows: UnitRows,
        targets: NDArray[np.int64],
        sources: NDArray[np.int64],
        heads: Heads | None,
        block_rows: int,
    ) -> None:
        self.rows, self.targets, self.sources, self.heads = rows, targets, sources, heads
        self.is_open = np.ones(len(targets), np.bool_)
        self.is_wide = np.full(len(targets), heads is None)
        self._block_rows = block_rows
        self._step = min(TILE_ROWS if heads is None else _HEAD_ROWS, block_rows)
        self._buffers = [
            np.empty(self._step * block_rows, np.float32) for _ in range(1 if heads is None else 2)
        ]

    def __iter__(self) -> Iterator[Tile]:
        """Yield tiles, the sources in order; none in which no source comes before a target."""
        n_sources = np.searchsorted(self.sources, self.targets[-1:]).item() if len(self.targets) else 0
        for number, first in enumerate(range(0, n_sources, self._block_rows)):
            if self.heads is not None and (number in (1, 2) or number % _WIDE_BLOCKS == 0 < number):
                self.is_wide[:] = False  # maxima have risen since: by now their heads may tell enough
            some = self.sources[first : first + self._block_rows]
            begin = np.searchsorted(self.targets, some[:1], side="right").item()
            for tile in range(begin, len(self.targets), self._step):
                chosen = np.flatnonzero(self.is_open[tile : tile + self._step]) + tile
                wide = self.is_wide[chosen]
                for is_bound, part in ((True, chosen[~wide]), (False, chosen[wide])):
                    n_earlier = np.searchsorted(some, self.targets[part])
                    if n_earlier.max(initial=0):
                        yield self._multiply(part, n_earlier, first, is_bound)

    def worth_widening(self, row: NDArray[np.int64], tile: Tile) -> NDArray[np.bool_]:
        """Return which rows of a tile to multiply whole: their pairs alone would cost more.

        Parameters
        ----------
        row : int64[p], the rows of the pairs that are left of a tile of bounds

        Returns
        -------
        bool[r]
        """
        pairs = np.bincount(row, minlength=len(tile.rough)) * (PAIR_COST / self.rows.vectors.shape[1])
        is_many = pairs > tile.rough.shape[1]
        if pairs[is_many].sum() < (np.count_nonzero(is_many) + _PACKED_ROWS) * tile.rough.shape[1]:
            is_many[:] = False
        return is_many

    def widened(self, tile: Tile, chosen: NDArray[np.int64]) -> Tile:
        """Multiply some rows of a tile whole, now and until their maxima have risen.

        Parameters
        ----------
        chosen : int64[h], rows of the tile
        """
        targets = tile.targets[chosen]
        self.is_wide[targets] = True
        return self._multiply(targets, tile.n_earlier[chosen], tile.first, is_bound=False)

    def _multiply(
        self, chosen: NDArray[np.int64], n_earlier: NDArray[np.int64], first: int, is_bound: bool
    ) -> Tile:
        """Multiply some targets with adjacent sources, as far as one of them needs it."""
        n_columns = int(n_earlier.max())
        buffer = self._buffers[is_bound]
        rough = buffer[: len(chosen) * n_columns].reshape(len(chosen), n_columns)
        left, right = self.targets[chosen], self.sources[first : first + n_columns]
        np.matmul(self._operand(left, is_bound), self._operand(right, is_bound).T, out=rough)
        least = int(n_earlier.min())
        if least < n_columns:
            rough[:, least:][np.arange(least, n_columns) >= n_earlier[:, None]] = NO_COSINE
        error = self.heads.error if is_bound and self.heads else self.rows.error
        return Tile(chosen, n_earlier, first, rough, error, is_bound)

    def _operand(self, rows: NDArray[np.int64], is_bound: bool) -> NDArray[np.float32]:
        """Return rows as they are multiplied."""
        index = _adjacent(rows)
        return self.heads.matrix[index] if is_bound and self.heads else self.rows.scaled(index)


def _adjacent(rows: NDArray[np.int64]) -> Rows:
    """Turn rows that lie side by side into a slice, which copies nothing."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows

"""Rough products of earlier and later rows, tile by tile."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.byte_products import is_worthwhile, multiply, multiply_pairs
from guyot.vectors.byte_rows import ByteRows, with_one_step
from guyot.vectors.rotation import PAIR_COST, Heads, worthwhile_heads
from guyot.vectors.screen import Rows, UnitRows

TILE_ROWS = 256  # rows of a tile: more waste the triangle of a small list, fewer slow the product
_SCREENED_ROWS = 1024  # the same of a screen, whose product is short
PANEL_ROWS = 4096  # rows that a thread compares with all before them
_WIDE_BLOCKS = 4  # for so many blocks a row that was multiplied whole stays so
_PACKED_ROWS = 24  # a product takes as long as one of so many rows more
_MIN_SCREENED_ROWS = 4096  # sources; fewer are as soon multiplied in float32 as rounded and screened
_SCREENED_PAIR_COST = 4096  # coordinates that cost as much as a pair alone, beside products of bytes
_BYTE_COST = 0.25  # of a coordinate, beside one in float32, with what is left to do
NO_COSINE = np.float32(-np.inf)
_NO_PRODUCT = np.iinfo(np.int32).min
Screen = Heads | ByteRows


@dataclass(frozen=True)
class Tile:
    """Rough cosines of some targets to adjacent sources; valid until the next tile is asked for.

    targets : int64[r], numbers of the targets in their panel
    n_earlier : int64[r], how many of the sources come before each target
    first : the number of the first source
    rough : float32[r, s]; -inf where the source does not come before the target. Or int32, of bytes, the
        lowest there
    unit : what one of `rough` stands for
    error : how far below the cosine they are at most; where they are no mere bounds, above it too
    is_bound : whether they are upper bounds of the cosines, and may lie far above
    is_screen : whether they are bounds or products of bytes, so that float32 products of pairs tell more
    """

    targets: NDArray[np.int64]
    n_earlier: NDArray[np.int64]
    first: int
    rough: NDArray[Any]
    unit: np.float32
    error: np.float32
    is_bound: bool
    is_screen: bool

    def highest(self) -> NDArray[np.float32]:
        """Return each row's highest rough cosine: float32[r]; -inf in a row that has none."""
        top = self.rough.max(axis=1)
        if top.dtype == np.float32:
            return top
        return np.where(top > _NO_PRODUCT, top * self.unit, NO_COSINE).astype(np.float32)

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
        least: NDArray[np.float32] | NDArray[np.int32] = threshold
        if self.rough.dtype == np.int32:
            least = np.full(len(threshold), np.iinfo(np.int32).max, np.int32)
            least[hot] = np.floor(threshold[hot] / self.unit)
        if 2 * len(hot) > len(threshold):  # then leaving rows out costs more than looking at them
            return np.divmod(np.flatnonzero(self.rough >= least[:, None]), self.rough.shape[1])
        found = np.flatnonzero(self.rough[hot] >= least[hot, None])
        place, column = np.divmod(found, self.rough.shape[1])
        return hot[place], column


class Tiles:
    """The products of some targets with the sources that come before them.

    rows : what is multiplied
    targets, sources : int64[t] and int64[s], rows, each ascending; at most PANEL_ROWS targets
    screen : the rotated rows, or the rows in bytes, if that spares work
    is_open : bool[t], looked at before each tile: targets that are not are left out
    is_wide : bool[t], as above: targets that are multiplied in float32 and whole, not by the screen
    """

    def __init__(
        self,
        rows: UnitRows,
        targets: NDArray[np.int64],
        sources: NDArray[np.int64],
        screen: Screen | None,
        block_rows: int,
    ) -> None:
        self.rows, self.targets, self.sources, self.screen = rows, targets, sources, screen
        self.is_open = np.ones(len(targets), np.bool_)
        self.is_wide = np.full(len(targets), screen is None)
        self._block_rows = block_rows
        self._step = min(TILE_ROWS if screen is None else _SCREENED_ROWS, block_rows)
        size = self._step * block_rows
        # two, since a screen's products are still looked at while rows of them are widened
        self._floats, self._screened = (np.empty(size, np.float32), np.empty(size if screen else 0, np.int32))

    def __iter__(self) -> Iterator[Tile]:
        """Yield tiles, the sources in order; none in which no source comes before a target."""
        n_sources = np.searchsorted(self.sources, self.targets[-1:]).item() if len(self.targets) else 0
        for number, first in enumerate(range(0, n_sources, self._block_rows)):
            if self.screen is not None and (number in (1, 2) or number % _WIDE_BLOCKS == 0 < number):
                self.is_wide[:] = False  # maxima have risen since: by now the screen may tell enough
            some = self.sources[first : first + self._block_rows]
            begin = np.searchsorted(self.targets, some[:1], side="right").item()
            for tile in range(begin, len(self.targets), self._step):
                chosen = np.flatnonzero(self.is_open[tile : tile + self._step]) + tile
                wide = self.is_wide[chosen]
                for is_screen, part in ((True, chosen[~wide]), (False, chosen[wide])):
                    n_earlier = np.searchsorted(some, self.targets[part])
                    if n_earlier.max(initial=0):
                        yield self._multiply(part, n_earlier, first, is_screen)

    def worth_widening(self, row: NDArray[np.int64], tile: Tile) -> NDArray[np.bool_]:
        """Return which rows of a tile to multiply whole: their pairs alone would cost more.

        Parameters
        ----------
        row : int64[p], the rows of the pairs that are left of a tile by its screen

        Returns
        -------
        bool[r]
        """
        a_pair = PAIR_COST if isinstance(self.screen, Heads) else _SCREENED_PAIR_COST
        pairs = np.bincount(row, minlength=len(tile.rough)) * (a_pair / self.rows.vectors.shape[1])
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
        return self._multiply(targets, tile.n_earlier[chosen], tile.first, is_screen=False)

    def rough_pairs(
        self, tile: Tile, row: NDArray[np.int64], column: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return float32 products of the pairs that are left of a tile by its screen.

        Parameters
        ----------
        row, column : int64[p], as `Tile.at_least` finds them

        Returns
        -------
        float32[p], off by the rows' error at most
        """
        targets, sources = self.targets[tile.targets], self.sources[tile.first :]
        if not isinstance(self.screen, ByteRows):
            return self.rows.rough_pairs(targets[row], sources[column])
        begins = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(targets)))])
        left = self.rows.scaled(_adjacent(targets))
        right = self.rows.scaled(_adjacent(sources[: tile.rough.shape[1]]))
        return multiply_pairs(left, right, begins, column)

    def _multiply(
        self, chosen: NDArray[np.int64], n_earlier: NDArray[np.int64], first: int, is_screen: bool
    ) -> Tile:
        """Multiply some targets with adjacent sources, as far as one of them needs it."""
        n_columns = int(n_earlier.max())
        shape = len(chosen), n_columns
        buffer = self._screened if is_screen else self._floats
        rough: NDArray[Any] = buffer[: shape[0] * n_columns].reshape(shape)
        left = _adjacent(self.targets[chosen])
        right = _adjacent(self.sources[first : first + n_columns])
        screen, lowest = self.screen if is_screen else None, NO_COSINE
        unit, error = np.float32(1), self.rows.error
        if screen is None:
            np.matmul(self.rows.scaled(left), self.rows.scaled(right).T, out=rough)
        elif isinstance(screen, Heads):
            rough, error = rough.view(np.float32), screen.error
            np.matmul(screen.matrix[left], screen.matrix[right].T, out=rough)
        else:
            unit, error, lowest = screen.step[0] ** 2, screen.most_error, _NO_PRODUCT
            multiply(screen.codes[left], screen.codes[right], rough)
        least = int(n_earlier.min())
        if least < n_columns:
            rough[:, least:][np.arange(least, n_columns) >= n_earlier[:, None]] = lowest
        return Tile(chosen, n_earlier, first, rough, unit, error, isinstance(screen, Heads), is_screen)


def _adjacent(rows: NDArray[np.int64]) -> Rows:
    """Turn rows that lie side by side into a slice, which copies nothing."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def worthwhile_screen(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    min_cosine: float | None = None,
) -> Screen | None:
    """Make what a search multiplies first in place of whole rows in float32, where that spares work.

    Parameters
    ----------
    targets, sources : int64[t] and int64[s], rows that are to be compared
    min_cosine : as `guyot.vectors.rotation.worthwhile_heads` takes it

    Returns
    -------
    Heads or ByteRows, whichever is likely to be sooner; None where neither is. No choice changes a result.
    """
    width = rows.vectors.shape[1]
    by_bytes = len(sources) >= _MIN_SCREENED_ROWS and is_worthwhile(
        len(targets) * len(sources) * width // 2, width
    )
    heads = worthwhile_heads(
        rows, targets, sources, min_cosine, whole_width=_BYTE_COST * width if by_bytes else width
    )
    return heads or (with_one_step(rows) if by_bytes else None)

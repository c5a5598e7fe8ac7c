"""Rough products of earlier and later rows, tile by tile."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.screen import Rows, UnitRows

TILE_ROWS = 256  # rows of a tile: more waste the triangle of a small list, fewer slow the product
PANEL_ROWS = 4096  # rows that a thread compares with all before them
NO_COSINE = np.float32(-np.inf)


@dataclass(frozen=True)
class Tile:
    """Rough cosines of some targets to adjacent sources; valid until the next tile is asked for.

    targets : int64[r], numbers of the targets in their panel
    n_earlier : int64[r], how many of the sources come before each target
    first : the number of the first source
    rough : float32[r, s], row by row; -inf where the source does not come before the target
    """

    targets: NDArray[np.int64]
    n_earlier: NDArray[np.int64]
    first: int
    rough: NDArray[np.float32]

    def at_least(
        self, chosen: NDArray[np.int64], threshold: NDArray[np.float32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find where rough cosines of some rows reach a threshold.

        Parameters
        ----------
        chosen : int64[h], rows of the tile, ascending
        threshold : float32[h], above -inf

        Returns
        -------
        int64[p], places in `chosen`, ascending; int64[p], columns, ascending in each row
        """
        part = self.rough if len(chosen) == len(self.rough) else self.rough[chosen]
        return np.divmod(np.flatnonzero(part >= threshold[:, None]), part.shape[1])


def tiles(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    is_open: NDArray[np.bool_],
    block_rows: int,
) -> Iterator[Tile]:
    """Multiply targets with the sources that come before them.

    Parameters
    ----------
    targets, sources : int64[t] and int64[s], rows, each ascending; at most PANEL_ROWS targets
    is_open : bool[t], looked at before each tile: targets that are not are left out
    block_rows : sources of a tile, at most

    Yields
    ------
    Tile, the sources in order; none in which no source comes before a target
    """
    left = rows.scaled(_adjacent(targets))
    step = min(TILE_ROWS, block_rows)
    buffer = np.empty(step * block_rows, np.float32)
    n_sources = int(np.searchsorted(sources, targets[-1])) if len(targets) else 0
    for first in range(0, n_sources, block_rows):
        some = sources[first : first + block_rows]
        right = rows.scaled(_adjacent(some))
        begin = int(np.searchsorted(targets, some[0], side="right"))
        for tile in range(begin, len(targets), step):
            chosen = np.flatnonzero(is_open[tile : tile + step]) + tile
            n_earlier = np.searchsorted(some, targets[chosen])
            n_columns = int(n_earlier.max(initial=0))
            if n_columns:
                block = left[tile : tile + step]
                block = block if len(chosen) == len(block) else left[chosen]
                rough = buffer[: len(chosen) * n_columns].reshape(len(chosen), n_columns)
                np.matmul(block, right[:n_columns].T, out=rough)
                if n_earlier.min() < n_columns:
                    rough[np.arange(n_columns) >= n_earlier[:, None]] = NO_COSINE
                yield Tile(chosen, n_earlier, first, rough)


def _adjacent(rows: NDArray[np.int64]) -> Rows:
    """Turn rows that lie side by side into a slice, which copies nothing."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows

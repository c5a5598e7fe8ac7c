"""The nearest of stored vectors that come before a row, found by rough products and settled exactly."""

import functools

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.byte_products import one_openmp_thread
from guyot.vectors.exact import cosines
from guyot.vectors.nearest import NOTHING, Found
from guyot.vectors.rotation import Heads
from guyot.vectors.screen import UnitRows
from guyot.vectors.threads import in_threads
from guyot.vectors.tiles import NO_COSINE, PANEL_ROWS, Screen, Tile, Tiles, worthwhile_screen

HIGHEST_COSINE = np.float32(1)
_PAIR_COST = 64  # an exact pair alone costs about as much as this many pairs of a block
_PAIRS_AT_ONCE = 1 << 16
Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]


def nearest_earlier(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    known: Found | None = None,
    *,
    block_rows: int = 1024,
) -> Found:
    """Find, for each target, the nearest source that comes before it.

    Parameters
    ----------
    targets, sources : int64[t] and int64[s], rows, each ascending
    known : float32[t] and int64[t], the nearest so far, among other sources; -inf and -1 where none is known
    block_rows : sources of a block; changes memory, never the result

    Returns
    -------
    float32[t], the highest cosine, and int64[t], the row that has it, the earliest where several do; -inf
    and -1 where no source comes before

    Notes
    -----
    O(t s d) at most in float32, half of it where targets and sources are the same, and less where a rotation
    tells enough (`guyot.vectors.rotation`). Exact cosines of the pairs that the rounding error leaves in
    doubt, about one per target; where copies make them many, a block is multiplied exactly.

    Examples
    --------
    >>> points = UnitRows.measured(np.array([[1, 0], [0, 1], [1, 0]], np.float16))
    >>> similarity, witness = nearest_earlier(points, np.arange(3), np.arange(3))
    >>> similarity.tolist(), witness.tolist()
    ([-inf, 0.0, 1.0], [-1, 0, 0])
    """
    if known is None:
        known = np.full(len(targets), NO_COSINE), np.full(len(targets), NOTHING)
    screen = worthwhile_screen(rows, targets, sources)
    if len(targets) and len(sources):
        rows.scaled(slice(0))  # before threads ask for them
    panels = [slice(begin, begin + PANEL_ROWS) for begin in range(0, len(targets), PANEL_ROWS)]
    work = functools.partial(_of_panel, rows, targets, sources, known, screen, block_rows)
    parts = list(in_threads(work, panels))
    return (
        np.concatenate([np.zeros(0, np.float32), *(part[0] for part in parts)]),
        np.concatenate([np.zeros(0, np.int64), *(part[1] for part in parts)]),
    )


@one_openmp_thread()
def _of_panel(
    rows: UnitRows,
    targets: NDArray[np.int64],
    sources: NDArray[np.int64],
    known: Found,
    screen: Screen | None,
    block_rows: int,
    panel: slice,
) -> Found:
    """Find the nearest sources before some targets."""
    search = _Search(
        Tiles(rows, targets[panel], sources, screen, block_rows),
        known[0][panel].copy(),
        known[1][panel].copy(),
    )
    for tile in search.tiles:
        search.look_at(tile)
    search.settle()
    return search.best, search.witness


class _Search:
    """The nearest sources of some targets so far.

    best, witness : float32[t] and int64[t], exact
    least : float32[t], what the highest cosine is at least; above the best while pairs are open
    """

    def __init__(self, tiles: Tiles, best: NDArray[np.float32], witness: NDArray[np.int64]) -> None:
        self.tiles, self.best, self.witness = tiles, best, witness
        self.least = best.copy()
        if isinstance(tiles.screen, Heads):
            tiles.is_wide |= np.isneginf(best)  # whose heads tell nothing yet
        self._open: list[Pairs] = []
        self._n_open = 0

    def look_at(self, tile: Tile) -> None:
        """Note the sources in a tile that may be the nearest."""
        if not tile.is_screen:
            self._look_at_cosines(tile)
            return
        row, column = tile.at_least(self._floor(tile))
        is_wide = self.tiles.worth_widening(row, tile)
        if is_wide.any():
            self._look_at_cosines(self.tiles.widened(tile, np.flatnonzero(is_wide)))
            few = ~is_wide[row]
            row, column = row[few], column[few]
        if not len(row):
            return
        target, source = tile.targets[row], self.tiles.sources[column + tile.first]
        rough = self.tiles.rough_pairs(tile, row, column)
        begins = np.flatnonzero(np.diff(row, prepend=-1))
        self._note(target[begins], np.maximum.reduceat(rough, begins), (target, source, rough))

    def _floor(self, tile: Tile) -> NDArray[np.float32]:
        """Return what a row's products reach at least where they may be the nearest; inf where none may."""
        floor = self.least[tile.targets] - tile.error
        if tile.is_bound:
            return floor
        top = tile.highest()
        return np.where(top > NO_COSINE, np.maximum(floor, top - 2 * tile.error), np.inf)

    def _look_at_cosines(self, tile: Tile) -> None:
        """Note the sources in a tile of rough cosines."""
        top = tile.highest()
        floor = self.least[tile.targets] - tile.error
        is_hot = (top >= floor) & (top > NO_COSINE)
        row, column = tile.at_least(np.where(is_hot, np.maximum(floor, top - 2 * tile.error), np.inf))
        hot = np.flatnonzero(is_hot)
        if len(row) * _PAIR_COST > len(hot) * tile.rough.shape[1]:
            self._improve(_exact_of_block(self.tiles, tile, hot))
        elif len(row):
            source = self.tiles.sources[column + tile.first]
            self._note(tile.targets[hot], top[hot], (tile.targets[row], source, tile.rough[row, column]))

    def _note(self, target: NDArray[np.int64], top: NDArray[np.float32], pairs: Pairs) -> None:
        """Raise what targets have at least, and keep pairs, by rough cosines, that may be as near."""
        error = self.tiles.rows.error
        self.least[target] = np.maximum(self.least[target], top - error)
        left = pairs[2] >= self.least[pairs[0]] - error
        self._open.append((pairs[0][left], pairs[1][left], pairs[2][left]))
        self._n_open += np.count_nonzero(left)
        if self._n_open > _PAIRS_AT_ONCE or (top >= HIGHEST_COSINE - 2 * error).any():  # such as copies
            self.settle()

    def settle(self) -> None:
        """Multiply open pairs exactly, and forget them."""
        if not self._open:
            return
        target, source, rough = (np.concatenate(side) for side in zip(*self._open, strict=True))
        self._open, self._n_open = [], 0
        left = rough >= self.least[target] - self.tiles.rows.error
        target, source = target[left], source[left]
        rows = self.tiles.rows
        self._improve((target, source, rows.pair_cosines(self.tiles.targets[target], rows, source)))

    def _improve(self, pairs: Pairs) -> None:
        """Replace the best by pairs that are nearer, or as near and earlier."""
        target, source, value = pairs
        order = np.lexsort((-source, value, target))  # of each target the last is the best
        order = order[np.flatnonzero(np.diff(target[order], append=-1))]
        target, source, value = target[order], source[order], value[order]
        present = self.best[target]
        better = (value > present) | ((value == present) & (source < self.witness[target]))
        target, source, value = target[better], source[better], value[better]
        self.best[target], self.witness[target] = value, source
        self.least[target] = np.maximum(self.least[target], value)
        # a cosine of 1 cannot be beaten, and the earliest wins ties
        self.tiles.is_open[target[value == HIGHEST_COSINE]] = False


def _exact_of_block(tiles: Tiles, tile: Tile, hot: NDArray[np.int64]) -> Pairs:
    """Compare rows of a tile exactly: the source with the highest cosine of each, the first of several."""
    columns = np.arange(int(tile.rough.shape[1]))
    vectors, target = tiles.rows.vectors, tile.targets[hot]
    exact = cosines(vectors[tiles.targets[target]], vectors[tiles.sources[columns + tile.first]])
    exact[columns >= tile.n_earlier[hot][:, None]] = NO_COSINE
    column = exact.argmax(axis=1)
    return target, tiles.sources[column + tile.first], exact[np.arange(len(hot)), column]

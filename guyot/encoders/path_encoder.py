"""`PathEncoder` turns walks into unit vectors by where they led, without any weights.

It sees the cells that an agent was on and those it bumped into, counted from its start; no wall that it did
not touch, and no order of time. A row depends on its walk alone, whatever the batch.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.identity import fingerprint
from guyot.navigation.walks import FORWARD, Walk, ahead, parse_walk, poses

REACH = 11  # cells; in a maze of 13 x 13 with its border no bump is farther from a start
WINDOW = 2 * REACH + 1
_ALGORITHM = 1  # raise it when the same walk would get another vector


@dataclass(frozen=True)
class PathEncoder:
    r"""Encode walks by the square roots of how often cells were entered, and bumped into.

    Notes
    -----
    O(cells of the maze + actions) per walk, without a loop over actions. Cells are numbered relative to the
    start, and not turned by the heading: 23 x 23 of them entered, the start once, and as many bumped into.
    Rows have unit length, so that the cosine of two is the Bhattacharyya coefficient of their counts.
    A cell more than 11 cells off, which only mazes larger than 13 x 13 have, is counted at the place that
    differs from it by 23: no cell is lost, and few that lie far apart share a place.

    Examples
    --------
    >>> maze = "maze 5x5 fc7b1f80"
    >>> there, same, turned = (f"{maze}\nstart 1,1 {rest}" for rest in (
    ...     "E goal 3,3\nFFRFF", "S goal 3,3\nLFFRFF", "E goal 2,1\nF"))
    >>> rows = PathEncoder().encode([there, same, turned])
    >>> rows.shape, bool(rows[0] @ rows[1] > 0.999 > 0.7 > rows[0] @ rows[2])
    ((3, 1058), True)
    """

    @property
    def id(self) -> str:
        """Hash all values that decide the vectors."""
        return fingerprint(["path", _ALGORITHM, REACH])

    @property
    def width(self) -> int:
        """Count the dimensions of a vector: the cells entered, then those bumped into, row by row."""
        return 2 * WINDOW * WINDOW

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Return float32[n, width], unit rows.

        Parameters
        ----------
        texts : n walks, as `guyot.navigation.walks.parse_walk` reads them

        Raises
        ------
        WalkError : a text is no walk.
        """
        places = [_places(parse_walk(text)) for text in texts]
        rows = np.repeat(np.arange(len(texts)), [len(of) for of in places])
        flat = rows * self.width + np.concatenate([np.zeros(0, np.int64), *places])
        counts = np.bincount(flat, minlength=len(texts) * self.width).reshape(len(texts), self.width)
        sizes = counts.sum(axis=1, keepdims=True)  # the squared length of a row of square roots
        return np.sqrt(counts / sizes).astype(np.float32)


def _places(walk: Walk) -> NDArray[np.int64]:
    """Number the cells that a walk entered, and bumped into, each as often as it did: int64[m]."""
    walked = poses(walk)
    moved = (walk.actions == FORWARD) & ~walk.bumps
    entered = np.concatenate([walked[:1, :2], walked[1:, :2][moved]])
    bumped = ahead(walked[:-1][walk.bumps])
    return np.concatenate([_cells(entered, walk.start), WINDOW * WINDOW + _cells(bumped, walk.start)])


def _cells(places: NDArray[np.int16], start: tuple[int, int]) -> NDArray[np.int64]:
    """Number places by where they lie of the start, row by row; what is farther off is wrapped around."""
    off = (places.astype(np.int64) - np.array(start) + REACH) % WINDOW
    return off[:, 1] * WINDOW + off[:, 0]

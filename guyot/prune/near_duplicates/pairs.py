"""Pairs of documents above a similarity, found list by list, exactly."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.vectors.exact import UNIT_TOLERANCE, ComparisonLists, check_unit, float32_of, pair_cosines

MAX_PAIRS = 50_000_000  # 20 bytes each
_AT_ONCE = 65_536  # pairs that are multiplied exactly together


@dataclass(frozen=True)
class Pairs:
    """Pairs of documents of one list at least, each pair once.

    later, earlier : int64[p], places in the visiting order of all documents; earlier < later
    cosine : float32[p]
    """

    later: NDArray[np.int64]
    earlier: NDArray[np.int64]
    cosine: NDArray[np.float32]

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.cosine)

    def subset(self, chosen: NDArray[np.bool_]) -> "Pairs":
        """Return the pairs of a mask.

        Parameters
        ----------
        chosen : bool[p]
        """
        return Pairs(self.later[chosen], self.earlier[chosen], self.cosine[chosen])


def pairs_above(
    compared: ComparisonLists,
    place: NDArray[np.int64],
    alive: NDArray[np.bool_],
    min_cosine: float,
    *,
    of: NDArray[np.bool_] | None = None,
    block_rows: int = 1024,
) -> Pairs:
    """Find the pairs of living documents in a list with a cosine above a limit.

    Parameters
    ----------
    place : int64[n], each document's place in the visiting order
    alive : bool[n]
    min_cosine : pairs at it or below are left out
    of : bool[n], only pairs with one of these; None: all
    block_rows : rows and columns per block; changes memory, never the result

    Raises
    ------
    SettingError : more than MAX_PAIRS pairs, which is what can be held at once.

    Notes
    -----
    O(m^2 d) for a list of m, 12 x block_rows^2 bytes and 20 bytes per pair. Blocks are multiplied in
    float32; pairs that its rounding leaves in doubt are multiplied exactly.

    Examples
    --------
    >>> from guyot.vectors.exact import unit_float16
    >>> class One:
    ...     def lists(self, wanted=None):
    ...         yield np.arange(3), unit_float16(np.array([[1, 0], [1, 0], [0, 1]], np.float32))
    >>> found = pairs_above(One(), np.arange(3), np.ones(3, bool), 0.5)
    >>> found.later.tolist(), found.earlier.tolist(), found.cosine.tolist()
    ([1], [0], [1.0])
    """
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]] = []
    n_pairs = 0
    for rows, vectors in compared.lists(of):
        here = alive[rows]
        rows, vectors = rows[here], vectors[here]
        check_unit(vectors, "vectors of a list")
        sought = np.ones(len(rows), np.bool_) if of is None else of[rows]
        for later, earlier in _candidates(vectors, sought, min_cosine, block_rows):
            cosine = _exact(vectors, later, earlier)
            close = cosine > min_cosine
            parts.append((place[rows[later[close]]], place[rows[earlier[close]]], cosine[close]))
            n_pairs += int(close.sum())
            if n_pairs > MAX_PAIRS:
                raise SettingError(
                    f"more than {MAX_PAIRS:,} pairs of documents have a cosine above {min_cosine:.4f}; "
                    "drop copies first, with exact or minhash, or keep more, or use mode official, which "
                    "holds no pairs"
                )
    return _once(parts)


def _candidates(
    vectors: NDArray[np.float16], sought: NDArray[np.bool_], min_cosine: float, block_rows: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (later, earlier) positions that may be above the limit, block by block."""
    doubt = np.float32(2.1 * UNIT_TOLERANCE + (vectors.shape[1] + 8) * 2.0**-23)
    for begin in range(0, len(vectors), block_rows):
        end = min(begin + block_rows, len(vectors))
        rows = float32_of(vectors[begin:end])
        for other in range(0, end, block_rows):
            block = slice(other, min(other + block_rows, end))
            if not (sought[begin:end].any() or sought[block].any()):
                continue
            rough = rows @ float32_of(vectors[block]).T
            later, earlier = np.nonzero(rough > np.float32(min_cosine) - doubt)
            later, earlier = later + begin, earlier + other
            wanted = (earlier < later) & (sought[later] | sought[earlier])
            if wanted.any():
                yield later[wanted], earlier[wanted]


def _exact(
    vectors: NDArray[np.float16], later: NDArray[np.int64], earlier: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Multiply pairs exactly, some at a time."""
    parts = [
        pair_cosines(vectors[later[i : i + _AT_ONCE]], vectors[earlier[i : i + _AT_ONCE]])
        for i in range(0, len(later), _AT_ONCE)
    ]
    return np.concatenate([np.zeros(0, np.float32), *parts])


def _once(
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]],
) -> Pairs:
    """Join the lists' pairs in order, each pair once."""
    none = np.zeros(0, np.int64)
    later = np.concatenate([none, *(part[0] for part in parts)])
    earlier = np.concatenate([none, *(part[1] for part in parts)])
    cosine = np.concatenate([np.zeros(0, np.float32), *(part[2] for part in parts)])
    order = np.lexsort((earlier, later))
    later, earlier, cosine = later[order], earlier[order], cosine[order]
    first = np.ones(len(later), np.bool_)
    first[1:] = (later[1:] != later[:-1]) | (earlier[1:] != earlier[:-1])
    return Pairs(later[first], earlier[first], cosine[first])

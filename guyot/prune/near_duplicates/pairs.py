"""Pairs of documents above a similarity, found list by list, exactly."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.vectors.exact import ComparisonLists
from guyot.vectors.screen import UnitRows
from guyot.vectors.similar_pairs import SimilarPairs, similar_pairs

MAX_PAIRS = 50_000_000  # 20 bytes each


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
    block_rows : columns per block; changes memory, never the result

    Raises
    ------
    SettingError : more than MAX_PAIRS pairs, which is what can be held at once.

    Notes
    -----
    O(m^2 d / 2) in float32 for a list of m, see `guyot.vectors.similar_pairs`; 20 bytes per pair.

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
    parts: list[SimilarPairs] = []
    n_pairs = 0
    for rows, vectors in compared.lists(of):
        here = alive[rows]
        rows, vectors = rows[here], vectors[here]
        for later, earlier, cosine in _of_list(
            vectors, None if of is None else of[rows], min_cosine, block_rows
        ):
            parts.append((place[rows[later]], place[rows[earlier]], cosine))
            n_pairs += len(cosine)
            if n_pairs > MAX_PAIRS:
                raise SettingError(
                    f"more than {MAX_PAIRS:,} pairs of documents have a cosine above {min_cosine:.4f}; "
                    "drop copies first, with exact or minhash, or keep more, or use mode official, which "
                    "holds no pairs"
                )
    return _once(parts)


def _of_list(
    vectors: NDArray[np.float16], sought: NDArray[np.bool_] | None, min_cosine: float, block_rows: int
) -> Iterator[SimilarPairs]:
    """Yield the pairs above the limit of a list, or those with a document that is sought."""
    found, every = UnitRows.checked(vectors, "vectors of a list"), np.arange(len(vectors))
    if sought is None:
        yield from similar_pairs(found, every, every, min_cosine, block_rows=block_rows)
        return
    these, others = np.flatnonzero(sought), np.flatnonzero(~sought)
    yield from similar_pairs(found, these, every, min_cosine, block_rows=block_rows)
    yield from similar_pairs(found, others, these, min_cosine, block_rows=block_rows)


def _once(parts: list[SimilarPairs]) -> Pairs:
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

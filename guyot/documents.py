"""The documents that a recipe cuts, as columns; each method takes those that it needs."""

from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.vectors.exact import ComparisonLists, VectorBlocks


class PairSearch(Protocol):
    """Finds pairs again among some documents, where the stored pairs reach one another through others alone.

    rows : int64[m], sorted: the documents in a group of which not all pairs were compared
    """

    @property
    def rows(self) -> NDArray[np.int64]:
        """The documents whose removal can hide pairs of those that are left: int64[n]."""
        ...

    def among(
        self, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Compare the candidates among some of `rows`.

        Parameters
        ----------
        rows : int64[n], documents that are left

        Returns
        -------
        One document of each pair int64[p], the other int64[p], and their Jaccard similarity float64[p], at or
        above the floor.
        """
        ...


@dataclass(frozen=True)
class MinHashPairs:
    """Pairs of documents whose shingles were compared, and lie at or above the floor.

    Of a connected component at least a spanning set of pairs is here, not every pair.

    one, other : int64[p], rows
    jaccard : float64[p], exact
    floor : pairs below it were not looked for
    search : finds further pairs once documents are gone; None: none is missing
    """

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    floor: float
    search: PairSearch | None = None


@dataclass(frozen=True)
class Documents:
    """Columns over n documents, in the order of their doc_ids, so that a tie goes to the lower row.

    Those that are None by default are needed by some methods alone, which refuse to go without.

    id_bits : uint64[n], the first 64 bits of each doc_id
    content_digest : bytes, S32[n]
    tokens, bytes, lines : int64[n]
    distance : float32[n], cosine distance to the nearest centroid, 0-2
    max_similarity : float32[n], highest cosine to an earlier-ranked document; nan where there is none
    witness : int64[n], that document's row; -1 where there is none
    vectors : read block by block, for methods that cluster again
    kind : int32[n], a number into `kinds`, their names
    signals : by name float64[n], each of the quality signals that is a number
    parses : int8[n], 1 and 0 as the signal says, -1 where it says nothing
    cluster : int32[n], nearest centroid
    centroids : float16[k, d], rows of unit length
    minhash : pairs of likely duplicates by their shingles
    compared : the lists within which documents are compared, for methods that look at pairs
    """

    id_bits: NDArray[np.uint64]
    content_digest: NDArray[np.bytes_]
    tokens: NDArray[np.int64]
    bytes: NDArray[np.int64]
    lines: NDArray[np.int64]
    distance: NDArray[np.float32]
    max_similarity: NDArray[np.float32]
    witness: NDArray[np.int64]
    vectors: VectorBlocks
    kind: NDArray[np.int32] | None = None
    kinds: tuple[str, ...] = ()
    signals: dict[str, NDArray[np.float64]] = field(default_factory=dict[str, NDArray[np.float64]])
    parses: NDArray[np.int8] | None = None
    cluster: NDArray[np.int32] | None = None
    centroids: NDArray[np.float16] | None = None
    minhash: MinHashPairs | None = None
    compared: ComparisonLists | None = None

    def __post_init__(self) -> None:
        """Refuse columns of different lengths."""
        found = {
            name: len(column)
            for name, column in vars(self).items()
            if name not in _NO_COLUMNS and column is not None
        }
        found |= {f"signals {name}": len(column) for name, column in self.signals.items()}
        if len(set(found.values())) > 1:
            raise ArrayError(f"all columns need one length; got {found}; align them by doc_id")

    def __len__(self) -> int:
        """Count the documents."""
        return len(self.id_bits)

    def is_of(self, kinds: tuple[str, ...]) -> NDArray[np.bool_]:
        """Say which documents are of these kinds, or with none named all: bool[n]."""
        if not kinds:
            return np.ones(len(self), np.bool_)
        wanted = [number for number, name in enumerate(self.kinds) if name in kinds]
        return np.isin(there(self.kind, "kind"), wanted)


_NO_COLUMNS = {"kinds", "minhash", "centroids", "vectors", "compared", "signals"}
_Column = TypeVar("_Column")


def there(column: _Column | None, name: str) -> _Column:
    """Return a column that a method needs.

    Raises
    ------
    ArrayError : it was not given.

    Examples
    --------
    >>> there(3, "cluster")
    3
    """
    if column is None:
        raise ArrayError(
            f"a step needs the documents' {name}, which they came without; give Documents {name}"
        )
    return column

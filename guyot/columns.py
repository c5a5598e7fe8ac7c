"""The columns and sources that methods know by name: dtype, meaning, and what supplies them, stated once.

A method that needs another states it in its own file, as a `Column` or `Source` of its own.
"""

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.exact import ComparisonLists, VectorBlocks

_Scalar = TypeVar("_Scalar", bound=np.generic)
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Column(Generic[_Scalar]):
    """A column that methods know by name.

    name : of the column
    dtype : of its values
    meaning : of one value
    supplier : what computes it
    """

    name: str
    dtype: type[_Scalar]
    meaning: str
    supplier: str

    def describe(self) -> str:
        """Describe the column for a message."""
        return f"column {self.name!r} ({self.dtype.__name__}: {self.meaning}; from {self.supplier})"


@dataclass(frozen=True)
class Source(Generic[_Value]):
    """Something that methods read besides columns.

    name : of the source
    kind : its class or protocol
    meaning : what it gives
    supplier : what makes it
    """

    name: str
    kind: type[_Value]
    meaning: str
    supplier: str

    def describe(self) -> str:
        """Describe the source for a message."""
        return f"source {self.name!r} ({self.kind.__name__}: {self.meaning}; from {self.supplier})"


class PairSearch(Protocol):
    """Finds pairs again among some documents, where the stored pairs reach one another through others alone.

    rows : int64[m], sorted: the documents in a group of which not all pairs were compared
    """

    @property
    def rows(self) -> NDArray[np.int64]:
        """The documents whose removal can hide pairs of those that are left: int64[m]."""
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


TOKENS = Column("tokens", np.int64, "tokens of the training tokenizer", "a tokenizer or quality_signals")
BYTES = Column("bytes", np.int64, "bytes of the content", "the content or quality_signals")
LINES = Column("lines", np.int64, "lines of the text", "guyot.text.signals or quality_signals")
KIND = Column("kind", np.int32, "a number into `kinds`", "what lists the documents, as raw_shards does")
PARSES = Column("parses", np.int8, "1 parses, 0 does not, -1 was not asked", "guyot.text.signals")
CLUSTER = Column("cluster", np.int32, "nearest centroid", "guyot.cluster.assign or cluster_scores")
DISTANCE = Column(
    "distance", np.float32, "cosine distance to that centroid, 0-2", "guyot.cluster.assign or cluster_scores"
)
MAX_SIMILARITY = Column(
    "max_similarity", np.float32, "highest cosine to an earlier-ranked document; nan where none",
    "nearest_predecessors or cluster_scores",
)  # fmt: skip
WITNESS = Column(
    "witness",
    np.signedinteger,
    "that document's row; -1 where none",
    "nearest_predecessors or cluster_scores",
)
COLUMNS: dict[str, Column[Any]] = {
    column.name: column
    for column in (TOKENS, BYTES, LINES, KIND, PARSES, CLUSTER, DISTANCE, MAX_SIMILARITY, WITNESS)
}

CONTENT_DIGEST = Source("content_digest", np.ndarray, "S[n], a digest of each content", "the content")
VECTORS = Source("vectors", VectorBlocks, "unit vectors, read block by block", "an encoder or embeddings")
CENTROIDS = Source("centroids", np.ndarray, "float16[k, d], rows of unit length", "kmeans or centroids")
COMPARISON_LISTS = Source(
    "comparison_lists", ComparisonLists, "which documents are compared with which", "cluster_scores"
)
MINHASH_PAIRS = Source(
    "minhash_pairs", MinHashPairs, "likely duplicates by their shingles", "shingle_pairs or minhash_scores"
)

Need = Column[Any] | Source[Any]


def signal(name: str) -> Column[Any]:
    """Return the column of a name, known or not.

    Examples
    --------
    >>> signal("distance").dtype.__name__, signal("sharpness").dtype.__name__
    ('float32', 'number')
    """
    return COLUMNS.get(name, Column(name, np.number, "a signal", "the code that measures it"))

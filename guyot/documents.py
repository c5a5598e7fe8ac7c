"""The documents that a recipe cuts, as columns; each method takes those that it needs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.vectors import VectorBlocks


@dataclass(frozen=True)
class Documents:
    """Columns over n documents, in the order of their doc_ids, so that a tie goes to the lower row.

    id_bits : uint64[n], the first 64 bits of each doc_id
    content_digest : bytes, S32[n]
    tokens, bytes, lines : int64[n]
    distance : float32[n], cosine distance to the nearest centroid, 0-2
    max_similarity : float32[n], highest cosine to an earlier-ranked document; nan where there is none
    witness : int64[n], that document's row; -1 where there is none
    vectors : read block by block, for methods that cluster again
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

    def __post_init__(self) -> None:
        """Refuse columns of different lengths."""
        found = {name: len(column) for name, column in vars(self).items() if name != "vectors"}
        if len(set(found.values())) > 1:
            raise ArrayError(f"all columns need one length; got {found}; align them by doc_id")

    def __len__(self) -> int:
        """Count the documents."""
        return len(self.id_bits)

"""Small inputs for tests: planted clusters, vectors in blocks, documents."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.documents import Documents
from guyot.seeds import generator
from guyot.vectors import unit_float16


def some_units(n: int, d: int, seed: int = 0) -> NDArray[np.float16]:
    """Return random unit vectors."""
    return unit_float16(generator(seed, "units", d).standard_normal((n, d)).astype(np.float32))


def planted_clusters(
    n_clusters: int, members: int, width: int = 32, spread: float = 0.1
) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
    """Return vectors around planted centres, and each one's cluster."""
    draw = generator(0, "planted", n_clusters, members)
    centres = np.linalg.qr(draw.standard_normal((width, n_clusters)))[0].T
    planted = np.repeat(np.arange(n_clusters), members)
    noise = draw.standard_normal((len(planted), width)) * spread / np.sqrt(width)
    return unit_float16((centres[planted] + noise).astype(np.float32)), planted


@dataclass(frozen=True)
class Blocks:
    """Vectors in memory behind the VectorBlocks protocol, out of order on purpose."""

    vectors: NDArray[np.float16]
    block_rows: int = 100

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield the blocks, the last one first."""
        for begin in reversed(range(0, len(self.vectors), self.block_rows)):
            rows = np.arange(begin, min(begin + self.block_rows, len(self.vectors)))
            yield rows, self.vectors[rows]


def some_documents(n: int, seed: int = 0) -> Documents:
    """Return documents with random columns, some copies and some witnesses among them."""
    draw = generator(seed, "documents", n)
    vectors = some_units(n, 16, seed) if n else np.zeros((0, 16), np.float16)
    witness = np.array([draw.integers(-1, row) if row else -1 for row in range(n)], np.int64)
    similarity = np.where(witness < 0, np.nan, draw.uniform(-1, 1, n)).astype(np.float32)
    return Documents(
        id_bits=np.sort(draw.integers(0, 2**63, n).astype(np.uint64)),
        content_digest=draw.integers(0, max(1, n - n // 4), n).astype("S32"),
        tokens=draw.integers(1, 500, n),
        bytes=draw.integers(1, 2000, n),
        lines=draw.integers(1, 90, n),
        distance=draw.uniform(0, 1, n).astype(np.float32),
        max_similarity=similarity,
        witness=witness,
        vectors=Blocks(vectors, 13),
    )

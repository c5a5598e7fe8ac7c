"""Small inputs for tests: planted clusters, vectors in blocks, documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.assign import assign
from guyot.columns import MinHashPairs
from guyot.documents import Documents
from guyot.prune.decontaminate import EvaluationPairs
from guyot.prune.near_duplicates.maxima import nearest_predecessors, rank
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16


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


@dataclass(frozen=True)
class Lists:
    """Documents that are compared within their cluster, or where that is None with all others."""

    vectors: NDArray[np.float16]
    distance: NDArray[np.float32]
    cluster: NDArray[np.int32] | None = None

    def lists(
        self, wanted: NDArray[np.bool_] | None = None
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield each list in visiting order."""
        order = rank(self.distance)
        of = np.zeros(len(order), np.int32) if self.cluster is None else self.cluster
        for number in np.unique(of):
            rows = order[of[order] == number]
            if wanted is None or wanted[rows].any():
                yield rows, self.vectors[rows]


def some_evaluation_pairs(n: int, seed: int = 0) -> EvaluationPairs:
    """Return pairs of documents and the records of two evaluation sets, each pair once."""
    draw = generator(seed, "evaluation", n)
    pairs = np.unique(draw.integers(0, (max(n, 1), 5), (n // 3, 2)), axis=0)
    overlap, cosine = draw.uniform(0.5, 1, len(pairs)), draw.uniform(0.9, 1, len(pairs)).astype(np.float32)
    names = np.array([b"a", b"b", b"c", b"d", b"e"], "S32")
    return EvaluationPairs(
        pairs[:, 0], pairs[:, 1], overlap, overlap / 2, cosine, names, np.array([0, 0, 0, 1, 1], np.int16),
        ("held_out", "benchmark"), 0.5, 0.9,
    )  # fmt: skip


def some_documents(n: int, seed: int = 0) -> Documents:
    """Return documents in clusters, with random columns, some copies and some near-duplicates."""
    draw = generator(seed, "documents", n)
    vectors = some_units(n, 16, seed) if n else np.zeros((0, 16), np.float16)
    near = np.flatnonzero(draw.uniform(size=n) < 0.3)
    vectors[near] = vectors[near // 2]
    vectors[near] = unit_float16(
        vectors[near].astype(np.float32) + draw.standard_normal((len(near), 16)).astype(np.float32) / 40
    )
    centroids = some_units(4, 16, 99)
    assigned = assign(vectors, centroids)
    digests = draw.integers(0, max(1, n - n // 4), n).astype("S32")
    sizes = {
        name: draw.integers(1, most, n) for name, most in (("tokens", 500), ("bytes", 2000), ("lines", 90))
    }
    likely = np.sort(draw.integers(0, max(n, 2), (n // 2, 2)), axis=1)
    likely = likely[likely[:, 0] < likely[:, 1]]
    likely = np.unique(likely[(likely < n).all(axis=1)], axis=0)
    order = rank(assigned.distance)
    found = nearest_predecessors(vectors[order])
    similarity, witness = np.empty(n, np.float32), np.empty(n, np.int64)
    similarity[order] = found.similarity
    witness[order] = np.where(found.witness < 0, -1, order[found.witness])
    return Documents(
        id_bits=np.sort(draw.integers(0, 2**63, n).astype(np.uint64)),
        content_digest=digests,
        columns={
            "kind": draw.integers(0, 3, n).astype(np.int32),
            **sizes,
            **{name: draw.integers(1, 1500, n).astype(np.float64) for name in ("words", "chars", "max_line")},
            **{
                name: draw.uniform(size=n)
                for name in ("alpha_fraction", "repetition", "duplicate_lines", "compression_ratio")
            },
            "parses": draw.integers(-1, 2, n).astype(np.int8),
            "cluster": assigned.cluster,
            "distance": assigned.distance,
            "max_similarity": similarity,
            "witness": witness,
        },
        kinds=("python", "text", "markdown"),
        sources={
            "minhash_pairs": MinHashPairs(likely[:, 0], likely[:, 1], draw.uniform(0.5, 1, len(likely)), 0.5),
            "centroids": centroids,
            "vectors": Blocks(vectors, 13),
            "comparison_lists": Lists(vectors, assigned.distance),
            "evaluation_pairs": some_evaluation_pairs(n, seed),
        },
    )

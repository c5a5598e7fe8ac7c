"""A corpus in which it is known who is a copy of whom: jittered copies, and chains that drift; clustered."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from python_files import InMemory

from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.cut import floor_fraction
from guyot.documents import Documents
from guyot.prune.near_duplicates.maxima import nearest_predecessors, rank
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16

WIDTH, N_TOPICS, CHAIN = 64, 40, 10
PLANTED = 0.25  # of the originals
JITTER, DRIFT = 0.1, 0.2  # lengths of what is added to a unit vector


@dataclass(frozen=True)
class Clusters:
    """Documents that are compared within their cluster.

    vectors : float16[n, d]
    distance : float32[n]
    cluster : int32[n]
    """

    vectors: NDArray[np.float16]
    distance: NDArray[np.float32]
    cluster: NDArray[np.int32]

    def lists(
        self, wanted: NDArray[np.bool_] | None = None
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield each cluster's rows in visiting order, and their vectors."""
        order = rank(self.distance)
        for number in np.unique(self.cluster):
            rows = order[self.cluster[order] == number]
            if wanted is None or wanted[rows].any():
                yield rows, self.vectors[rows]


def planted(n_originals: int, n_chains: int, seed: int) -> NDArray[np.float16]:
    """Return originals, copies of the first of them in the same order, then the chains' documents."""
    draw = generator(seed, "corpus", n_originals, n_chains)

    def noise(n: int, length: float) -> NDArray[np.float64]:
        return draw.standard_normal((n, WIDTH)) * length / np.sqrt(WIDTH)

    topics = draw.standard_normal((N_TOPICS, WIDTH))
    originals = topics[draw.integers(0, N_TOPICS, n_originals)] + noise(n_originals, 0.7 * np.sqrt(WIDTH))
    originals /= np.linalg.norm(originals, axis=1, keepdims=True)
    parts = [originals, originals[: floor_fraction(n_originals, PLANTED)]]
    parts[1] = parts[1] + noise(len(parts[1]), JITTER)
    links = originals[n_originals - n_chains :]
    for _ in range(CHAIN if n_chains else 0):
        links = links / np.linalg.norm(links, axis=1, keepdims=True) + noise(n_chains, DRIFT)
        parts.append(links)
    return unit_float16(np.concatenate(parts).astype(np.float32))


def scored(vectors: NDArray[np.float16], n_clusters: int, seed: int) -> Documents:
    """Cluster the vectors and find every document's nearest earlier one, as the lake does."""
    settings = KMeansSettings(n_clusters, iterations=20, points_per_cluster=256, seed=seed)
    found = assign(vectors, kmeans(vectors, settings).vectors)
    n = len(vectors)
    similarity, witness = np.full(n, np.nan, np.float32), np.full(n, -1)
    compared = Clusters(vectors, found.distance, found.cluster)
    for rows, block in compared.lists():
        maxima = nearest_predecessors(block)
        similarity[rows] = maxima.similarity
        witness[rows] = np.where(maxima.witness < 0, -1, rows[maxima.witness])
    return Documents(
        id_bits=np.arange(n, dtype=np.uint64), content_digest=np.arange(n).astype("S32"),
        columns={"cluster": found.cluster, "distance": found.distance, "max_similarity": similarity,
                 "witness": witness},
        sources={"vectors": InMemory(vectors), "comparison_lists": compared},
    )  # fmt: skip

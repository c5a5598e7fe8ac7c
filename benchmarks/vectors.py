"""Near-duplicates among vectors: core-seconds beside faiss, the published rule and the bare float32 product.

python benchmarks/vectors.py [--documents 50000] [--width 384] [--repetitions 3]

Two kinds of vectors, a tenth of them near-copies of others: `isotropic`, about topics in every direction
alike, and `spectrum`, whose variance falls along the directions as that of encoded texts does. For each:

- all pairs: each document's nearest earlier one, beside `faiss.IndexFlatIP` and half of a sgemm of all pairs;
- in clusters: k-means, the two nearest centroids and the maxima of each cluster and its border, beside
  faiss's spherical k-means (256 points a centroid, 20 iterations) and the rule as it was published: a matrix
  of all cosines of a cluster, and the maximum of its upper triangle.

Core-seconds are those of all threads; the ways take turns, and a figure is the median of the repetitions.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.prune.near_duplicates.comparison_lists import best_of_entries, comparison_lists, visited_clusters
from guyot.prune.near_duplicates.maxima import NearestPredecessors, nearest_predecessors
from guyot.seeds import generator
from guyot.vectors.exact import float32_of, pair_cosines, unit_float16

LIMIT = 0.95
BORDER_MARGIN = 0.05  # the default of a lake
COPIES = 0.1  # of the documents
Vectors = NDArray[np.float16]


@dataclass(frozen=True)
class Corpus:
    """Vectors, and near-copies among them: int64[p, 2], pairs with a cosine above LIMIT."""

    vectors: Vectors
    planted: NDArray[np.int64]

    def recall(self, similarity: NDArray[np.float32]) -> float:
        """Return the share of planted pairs of which one would be dropped at LIMIT."""
        dropped = np.nan_to_num(similarity, nan=-1) > LIMIT
        return float(dropped[self.planted].any(axis=1).mean())


def corpus(kind: str, n_documents: int, width: int) -> Corpus:
    """Draw documents about topics of uneven size, and near-copies of some of them."""
    draw = generator(0, "vectors", kind, n_documents, width)
    scale = np.ones(width) if kind == "isotropic" else (1 + np.arange(width)) ** -0.7
    scale = (scale / np.linalg.norm(scale)).astype(np.float32)
    n_topics = max(2, round(n_documents**0.5))
    weights = np.exp(0.5 * draw.standard_normal(n_topics))
    topic = draw.choice(n_topics, n_documents, p=weights / weights.sum())
    centres = draw.standard_normal((n_topics, width), np.float32) * scale
    rows = centres[topic] + 0.9 * draw.standard_normal((n_documents, width), np.float32) * scale
    copies = draw.permutation(n_documents)[: 2 * int(COPIES * n_documents)].reshape(-1, 2)
    noise = draw.standard_normal((len(copies), width), np.float32) * scale
    rows[copies[:, 1]] = rows[copies[:, 0]] + 0.25 * noise
    rotation = np.linalg.qr(draw.standard_normal((width, width)))[0].astype(np.float32)
    vectors = unit_float16(rows @ rotation)
    near = pair_cosines(vectors[copies[:, 0]], vectors[copies[:, 1]]) > LIMIT
    return Corpus(vectors, copies[near])


def half_product(vectors: Vectors) -> None:
    """Multiply each pair once in float32, and look at nothing: the floor of all pairs without a bound."""
    wide = np.ascontiguousarray(float32_of(vectors))
    step = 4096
    buffer = np.empty((step, step), np.float32)
    for begin in range(0, len(wide), step):
        left = wide[begin : begin + step]
        for other in range(0, begin + 1, step):
            right = wide[other : other + step]
            np.matmul(left, right.T, out=buffer[: len(left), : len(right)])


def all_pairs(vectors: Vectors) -> NDArray[np.float32]:
    """Find each document's nearest earlier one, as Guyot does."""
    return nearest_predecessors(vectors).similarity


def faiss_flat(vectors: Vectors) -> NDArray[np.float32]:
    """Find each document's nearest other one by faiss's exact index."""
    import faiss

    wide = np.ascontiguousarray(float32_of(vectors))
    index = faiss.IndexFlatIP(wide.shape[1])
    index.add(wide)
    return index.search(wide, 2)[0][:, 1]


def in_clusters(vectors: Vectors) -> NDArray[np.float32]:
    """Cluster, assign and find the maxima of each cluster and its border, as Guyot does by default."""
    n_clusters = round(len(vectors) ** 0.5)
    sample = generator(0, "sample").permutation(len(vectors))[: 64 * n_clusters]
    centroids = kmeans(vectors[np.sort(sample)], KMeansSettings(n_clusters, 10, 64, 0)).vectors
    found = assign(vectors, centroids)
    visited = visited_clusters(found.distance, found.second_cluster, found.second_distance, BORDER_MARGIN)
    lists = comparison_lists(found.distance, found.cluster, visited, len(centroids))
    similarity = np.full(len(lists.document), np.nan, np.float32)
    witness = np.full(len(lists.document), -1)
    entries = lists.entries
    for begin, end in zip(lists.begins, lists.begins[1:], strict=False):
        if begin < end:
            rows = lists.document[begin:end]
            maxima = nearest_predecessors(vectors[rows])
            similarity[entries[begin:end]] = maxima.similarity
            witness[entries[begin:end]] = np.where(maxima.witness < 0, -1, rows[maxima.witness])
    borders = np.flatnonzero(visited >= 0)
    return best_of_entries(NearestPredecessors(similarity, witness), found.distance, borders).similarity


def published(vectors: Vectors) -> NDArray[np.float32]:
    """Cluster by faiss and apply the published rule to each cluster."""
    import faiss

    wide = np.ascontiguousarray(float32_of(vectors))
    n_clusters = round(len(wide) ** 0.5)
    model = faiss.Kmeans(
        wide.shape[1], n_clusters, niter=20, spherical=True, seed=0, max_points_per_centroid=256
    )
    model.train(wide)
    nearness, cluster = model.index.search(wide, 1)
    similarity = np.full(len(wide), np.nan, np.float32)
    for number in range(n_clusters):
        rows = np.flatnonzero(cluster[:, 0] == number)
        rows = rows[np.argsort(nearness[rows, 0], kind="stable")]
        if len(rows):
            cosine = wide[rows] @ wide[rows].T
            similarity[rows] = np.triu(cosine, 1).max(axis=0)
    return similarity


def product_of_clusters(vectors: Vectors) -> None:
    """Multiply what k-means, assignment and clusters of one size would, in float32: the floor of clusters."""
    wide = np.ascontiguousarray(float32_of(vectors))
    n_clusters = round(len(wide) ** 0.5)
    centroids = wide[:n_clusters]
    for _ in range(20):
        multiplied(wide[: 256 * n_clusters], centroids)
    multiplied(wide, centroids)
    size = len(wide) // n_clusters
    for begin in range(0, len(wide), size):
        wide[begin : begin + size] @ wide[begin : begin + size // 2].T


def multiplied(rows: NDArray[np.float32], others: NDArray[np.float32]) -> None:
    """Multiply rows with a few others, block by block."""
    for begin in range(0, len(rows), 8192):
        rows[begin : begin + 8192] @ others.T


def core_seconds(work: Callable[[Vectors], object], vectors: Vectors) -> tuple[float, object]:
    """Run a work once; return the CPU time of all threads, and what it returned."""
    begun = time.process_time()
    result = work(vectors)
    return time.process_time() - begun, result


def compare(name: str, ways: dict[str, Callable[[Vectors], object]], given: Corpus, repetitions: int) -> None:
    """Let the ways take turns, and print the median of each, its ratio to the first, and its recall."""
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    recall: dict[str, str] = {}
    for _ in range(repetitions):
        for way, work in ways.items():
            spent, result = core_seconds(work, given.vectors)
            seconds[way].append(spent)
            recall[way] = f"{given.recall(result):.4f}" if isinstance(result, np.ndarray) else ""
    first = statistics.median(next(iter(seconds.values())))
    for way, spent in seconds.items():
        median = statistics.median(spent)
        print(  # noqa: T201
            f"{name:22} {way:18} {median:8.2f} s ({min(spent):.2f} to {max(spent):.2f}) "
            f"{median / first:6.2f} x  {recall[way]}",
            flush=True,
        )


def main() -> None:
    """Compare the ways on both kinds of vectors."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=50_000)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--repetitions", type=int, default=3)
    asked = parser.parse_args()
    for kind in ("spectrum", "isotropic"):
        given = corpus(kind, asked.documents, asked.width)
        pairs = {"guyot": all_pairs, "faiss flat": faiss_flat, "half a sgemm": half_product}
        compare(f"{kind}, all pairs", pairs, given, asked.repetitions)
        clusters = {"guyot": in_clusters, "faiss + published": published, "sgemm": product_of_clusters}
        compare(f"{kind}, in clusters", clusters, given, asked.repetitions)


if __name__ == "__main__":
    main()

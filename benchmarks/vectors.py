"""Near-duplicates among vectors: core-seconds beside faiss, the published rule and the bare float32 product.

python benchmarks/vectors.py [--documents 50000] [--width 384] [--clusters 224] [--repetitions 3]
                             [--kinds spectrum isotropic] [--work pairs clusters]

Vectors are those of benchmarks/vector_corpus.py, a tenth of them near-copies of others. For each kind:

- pairs: each document's nearest earlier one, beside `faiss.IndexFlatIP` and the product of half of all pairs;
- clusters: k-means, the two nearest centroids and the maxima of each cluster and its border, beside faiss's
  spherical k-means (256 points a centroid, 20 iterations) and the rule as it was published: a matrix of
  all cosines of a cluster, and the maximum of its upper triangle. Its floor is the float32 product of the
  same: 20 times 256 points a centroid with all centroids, all documents with all centroids, and half
  of the pairs in clusters of one size. Floors are timed on a slice, and scaled by their operations.

The ways take turns, each in a process of its own, with one thread of BLAS and OpenMP, at which these take the
fewest core-seconds. Core-seconds are those of all threads, without reading the vectors; memory is the most
that the process held, the vectors with it; figures are medians.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import vector_corpus
from numpy.typing import NDArray
from vector_corpus import Corpus, Vectors

from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.corpus.comparisons import ListsInMemory
from guyot.corpus.comparisons import nearest_predecessors as nearest_in_lists
from guyot.prune.near_duplicates.comparison_lists import comparison_lists, visited_clusters
from guyot.prune.near_duplicates.maxima import nearest_predecessors
from guyot.seeds import generator
from guyot.vectors.widening import float32_of

BORDER_MARGIN = 0.05  # the default of a lake
_SLICE_ROWS, _SLICES = 8192, 24
Similarity = NDArray[np.float32]


class Clock:
    """Core-seconds of the parts of a work, in order."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._begun = time.process_time()

    def part(self, name: str) -> None:
        """Note that a part is done."""
        now = time.process_time()
        self.seconds[name], self._begun = now - self._begun, now


def all_pairs(vectors: Vectors, options: argparse.Namespace, clock: Clock) -> Similarity:
    """Find each document's nearest earlier one, as Guyot does."""
    found = nearest_predecessors(vectors).similarity
    clock.part("pairs")
    return found


def faiss_flat(vectors: Vectors, options: argparse.Namespace, clock: Clock) -> Similarity:
    """Find each document's nearest other one by faiss's exact index."""
    import faiss

    wide = np.ascontiguousarray(float32_of(vectors))
    index = faiss.IndexFlatIP(wide.shape[1])
    index.add(wide)
    found = index.search(wide, 2)[0][:, 1]
    clock.part("pairs")
    return found


def in_clusters(vectors: Vectors, options: argparse.Namespace, clock: Clock) -> Similarity:
    """Cluster, assign and find the maxima of each cluster and its border, as Guyot does by default."""
    sample = generator(0, "sample").permutation(len(vectors))[: 64 * options.clusters]
    centroids = kmeans(vectors[np.sort(sample)], KMeansSettings(options.clusters, 10, 64, 0)).vectors
    clock.part("k-means")
    found = assign(vectors, centroids)
    clock.part("assignment")
    visited = visited_clusters(found.distance, found.second_cluster, found.second_distance, options.margin)
    lists = comparison_lists(found.distance, found.cluster, visited, len(centroids))
    similarity = nearest_in_lists(ListsInMemory(vectors, lists), found.distance).similarity
    clock.part("scores")
    return similarity


def published(vectors: Vectors, options: argparse.Namespace, clock: Clock) -> Similarity:
    """Cluster by faiss and apply the published rule to each cluster."""
    import faiss

    wide = np.ascontiguousarray(float32_of(vectors))
    model = faiss.Kmeans(
        wide.shape[1], options.clusters, niter=20, spherical=True, seed=0, max_points_per_centroid=256
    )
    model.train(wide)
    clock.part("k-means")
    nearness, cluster = model.index.search(wide, 1)
    clock.part("assignment")
    similarity = np.full(len(wide), np.nan, np.float32)
    order = np.lexsort((nearness[:, 0], cluster[:, 0]))
    for rows in np.split(order, np.flatnonzero(np.diff(cluster[order, 0])) + 1):
        cosine = wide[rows] @ wide[rows].T
        similarity[rows] = np.triu(cosine, 1).max(axis=0)
    clock.part("scores")
    return similarity


def product_of_pairs(vectors: Vectors, options: argparse.Namespace, clock: Clock) -> None:
    """Time the product of each pair once in float32: the floor of all pairs without a bound."""
    wide = float32_of(vectors[: _SLICE_ROWS * _SLICES])
    others = wide[:1024]
    multiply(wide, others, clock)
    clock.seconds = {"pairs": clock.seconds["product"] * (len(vectors) ** 2 / 2) / (len(wide) * len(others))}


def product_of_clusters(vectors: Vectors, options: argparse.Namespace, clock: Clock) -> None:
    """Time the products of k-means, assignment and clusters of one size in float32: the floor of clusters."""
    wide = float32_of(vectors[: _SLICE_ROWS * _SLICES])
    others = wide[: options.clusters]
    multiply(wide, others, clock)
    a_row = clock.seconds["product"] / len(wide)  # times all centroids
    n = len(vectors)
    clock.seconds = {
        "k-means": a_row * 20 * min(n, 256 * options.clusters),
        "assignment": a_row * n,
        "scores": a_row * n * (n / options.clusters / 2) / options.clusters,
    }


def multiply(rows: NDArray[np.float32], others: NDArray[np.float32], clock: Clock) -> None:
    """Multiply rows with a few others, block by block, and note how long it took."""
    buffer = np.empty((512, len(others)), np.float32)
    np.matmul(rows[:512], others.T, out=buffer[: len(rows[:512])])
    clock.part("warm")
    for begin in range(0, len(rows), 512):
        some = rows[begin : begin + 512]
        np.matmul(some, others.T, out=buffer[: len(some)])
    clock.part("product")


Way = Callable[[Vectors, argparse.Namespace, Clock], Similarity | None]
WAYS: dict[str, dict[str, Way]] = {
    "pairs": {"guyot": all_pairs, "faiss flat": faiss_flat, "sgemm": product_of_pairs},
    "clusters": {"guyot": in_clusters, "faiss + published": published, "sgemm": product_of_clusters},
}


def run_here(folder: Path, work: str, way: str, options: argparse.Namespace) -> None:
    """Take one way in this process, and print what it took."""
    corpus = Corpus.read(folder)
    clock = Clock()
    similarity = WAYS[work][way](corpus.vectors, options, clock)
    taken = {
        "seconds": clock.seconds,
        "recall": None if similarity is None else corpus.recall(similarity),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(taken))  # noqa: T201


def run_apart(folder: Path, work: str, way: str, options: argparse.Namespace) -> dict[str, Any]:
    """Take one way in a process of its own."""
    command = [
        sys.executable, __file__, "--inside", str(folder), work, way,
        "--clusters", str(options.clusters), "--margin", str(options.margin),
    ]  # fmt: skip
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | threads)
    return json.loads(done.stdout)


def compare(kind: str, work: str, folder: Path, options: argparse.Namespace) -> None:
    """Let the ways take turns, and print the median of each, its ratio to the first, and its recall."""
    taken: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS[work]}
    for _ in range(options.repetitions):
        for way in taken:
            taken[way].append(run_apart(folder, work, way, options))
    seconds = {way: [sum(run["seconds"].values()) for run in runs] for way, runs in taken.items()}
    first = statistics.median(next(iter(seconds.values())))
    for way, runs in taken.items():
        median = statistics.median(seconds[way])
        parts = {p: statistics.median(run["seconds"][p] for run in runs) for p in runs[0]["seconds"]}
        recall = "" if runs[0]["recall"] is None else f", recall {runs[0]['recall']:.4f}"
        print(  # noqa: T201
            f"{kind}, {work}, {way}: {median:.2f} core-s"
            f" ({min(seconds[way]):.2f} to {max(seconds[way]):.2f}), {median / first:.2f} x guyot = "
            + " + ".join(f"{part} {spent:.2f}" for part, spent in parts.items())
            + f", {max(run['peak'] for run in runs) / 2**30:.2f} GiB{recall}",
            flush=True,
        )


def main() -> None:
    """Compare the ways on the kinds of vectors that are asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=50_000)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--clusters", type=int, help="default: the square root of the documents")
    parser.add_argument("--margin", type=float, default=BORDER_MARGIN)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--kinds", nargs="+", choices=vector_corpus.KINDS, default=["spectrum", "isotropic"])
    parser.add_argument("--encoded", type=Path, help="of the kind encoded: float32[m, d], as numpy saves it")
    parser.add_argument("--work", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--inside", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        folder, work, way = options.inside
        run_here(Path(folder), work, way, options)
        return
    options.clusters = options.clusters or round(options.documents**0.5)
    for kind in options.kinds:
        with tempfile.TemporaryDirectory() as name:
            encoded = options.encoded if kind == vector_corpus.ENCODED else None
            vector_corpus.write(Path(name), kind, options.documents, options.width, encoded)
            for work in options.work:
                compare(kind, work, Path(name), options)


if __name__ == "__main__":
    main()

"""Guyot on vectors: each one's nearest before it, among all (`all_pairs`) or in clusters (`in_clusters`)."""

import sys
from pathlib import Path

import faiss as _  # noqa: F401  # k-means imports it: like the peers', its import is not measured
import numpy as np
from numpy.typing import NDArray

from benchmarks.ways.stopwatch import work
from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.corpus import comparisons
from guyot.prune.near_duplicates.comparison_lists import comparison_lists, visited_clusters
from guyot.prune.near_duplicates.maxima import nearest_predecessors
from guyot.seeds import generator

ITERATIONS, POINTS_PER_CLUSTER = 10, 64  # the defaults of a corpus and of the graph


def all_pairs(vectors: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return the greatest cosine of each document to an earlier one."""
    return nearest_predecessors(vectors).similarity


def in_clusters(vectors: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return the greatest cosine of each document to one that is visited before it in its cluster or
    border.
    """
    n_clusters = round(len(vectors) ** 0.5)
    sample = generator(0, "sample").permutation(len(vectors))[: POINTS_PER_CLUSTER * n_clusters]
    settings = KMeansSettings(n_clusters, ITERATIONS, POINTS_PER_CLUSTER, 0)
    centroids = kmeans(vectors[np.sort(sample)], settings).vectors
    found = assign(vectors, centroids)
    border = visited_clusters(
        found.distance, found.second_cluster, found.second_distance, comparisons.BORDER_MARGIN
    )
    lists = comparison_lists(found.distance, found.cluster, border, len(centroids))
    compared = comparisons.ListsInMemory(vectors, lists)
    return comparisons.nearest_predecessors(compared, found.distance).similarity


if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    how, limit = {"all_pairs": all_pairs, "in_clusters": in_clusters}[sys.argv[3]], float(sys.argv[4])
    vectors = np.load(source / "vectors.npy")
    with work(output, "numpy", "faiss-cpu"):
        dropped = np.nan_to_num(how(vectors), nan=-1) > limit
    np.save(output / "dropped.npy", dropped)

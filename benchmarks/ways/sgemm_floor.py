"""The float32 products alone that a work without bounds needs; nothing is looked at. A floor, not a way."""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.ways.stopwatch import work

BLOCK_ROWS = 4096
ITERATIONS, POINTS_PER_CLUSTER = 20, 256  # of SemDeDup's authors and of faiss


def multiply(rows: NDArray[np.float32], others: NDArray[np.float32], buffer: NDArray[np.float32]) -> None:
    """Multiply rows with a few others, block by block, into a buffer float32[BLOCK_ROWS, m]."""
    for begin in range(0, len(rows), BLOCK_ROWS):
        some = rows[begin : begin + BLOCK_ROWS]
        np.matmul(some, others.T, out=buffer[: len(some), : len(others)])


def all_pairs(wide: NDArray[np.float32]) -> None:
    """Multiply each pair once."""
    buffer = np.empty((BLOCK_ROWS, BLOCK_ROWS), np.float32)
    for begin in range(0, len(wide), BLOCK_ROWS):
        multiply(wide[: begin + BLOCK_ROWS], wide[begin : begin + BLOCK_ROWS], buffer)


def in_clusters(wide: NDArray[np.float32]) -> None:
    """Multiply what k-means, an assignment and half the pairs of clusters of one size would."""
    n_clusters = round(len(wide) ** 0.5)
    buffer = np.empty((BLOCK_ROWS, n_clusters), np.float32)
    for _ in range(ITERATIONS):
        multiply(wide[: POINTS_PER_CLUSTER * n_clusters], wide[:n_clusters], buffer)
    multiply(wide, wide[:n_clusters], buffer)
    size = len(wide) // n_clusters
    for begin in range(0, len(wide), size):
        multiply(wide[begin : begin + size], wide[begin : begin + size // 2], buffer)


if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    products = {"all_pairs": all_pairs, "in_clusters": in_clusters}[sys.argv[3]]
    vectors = np.load(source / "vectors.npy")
    with work(output, "numpy"):
        products(vectors.astype(np.float32))

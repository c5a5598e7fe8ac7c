"""Guyot on vectors: the nearest document before each, among all (`all_pairs`) or within clusters
(`in_clusters`).
"""

import sys
from pathlib import Path

import faiss as _  # noqa: F401  # k-means imports it: like the peers', its import is not measured
import numpy as np

from benchmarks.vectors import all_pairs, in_clusters
from benchmarks.ways.stopwatch import work

if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    how, limit = {"all_pairs": all_pairs, "in_clusters": in_clusters}[sys.argv[3]], float(sys.argv[4])
    vectors = np.load(source / "vectors.npy")
    with work(output, "numpy", "faiss-cpu"):
        dropped = np.nan_to_num(how(vectors), nan=-1) > limit
    np.save(output / "dropped.npy", dropped)

"""The float32 products alone that a work without bounds needs; nothing is looked at. A floor, not a way."""

import sys
from pathlib import Path

import numpy as np

from benchmarks.vectors import half_product, product_of_clusters
from benchmarks.ways.stopwatch import work

if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    multiply = {"all_pairs": half_product, "in_clusters": product_of_clusters}[sys.argv[3]]
    vectors = np.load(source / "vectors.npy")
    with work(output, "numpy"):
        multiply(vectors)

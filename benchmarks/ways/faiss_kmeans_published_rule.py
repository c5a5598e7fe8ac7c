"""faiss's spherical k-means, 256 points a centroid and 20 iterations, then the published rule in each
cluster.
"""

import sys
from pathlib import Path

import faiss
import numpy as np

from benchmarks.ways.published_rule import maxima
from benchmarks.ways.stopwatch import work

if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    vectors = np.load(source / "vectors.npy")
    with work(output, "faiss-cpu", "torch", "numpy"):
        wide = vectors.astype(np.float32)
        model = faiss.Kmeans(
            wide.shape[1],
            round(len(wide) ** 0.5),
            niter=20,
            spherical=True,
            seed=0,
            max_points_per_centroid=256,
        )
        model.train(wide)
        nearness, cluster = model.index.search(wide, 1)
        dropped = maxima(wide, cluster[:, 0], nearness[:, 0]) > float(sys.argv[3])
    np.save(output / "dropped.npy", dropped)

"""scikit-learn's MiniBatchKMeans, 20 passes at most, then the published rule in each cluster."""

import sys
from pathlib import Path

import numpy as np
from sklearn.cluster import MiniBatchKMeans

from benchmarks.ways.published_rule import maxima
from benchmarks.ways.stopwatch import work

if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    vectors = np.load(source / "vectors.npy")
    with work(output, "scikit-learn", "torch", "numpy"):
        wide = vectors.astype(np.float32)
        model = MiniBatchKMeans(round(len(wide) ** 0.5), max_iter=20, batch_size=4096, random_state=0)
        cluster = model.fit_predict(wide).astype(np.int64)
        centroids = model.cluster_centers_ / np.linalg.norm(model.cluster_centers_, axis=1, keepdims=True)
        nearness = np.einsum("ij,ij->i", wide, centroids[cluster].astype(np.float32))
        dropped = maxima(wide, cluster, nearness) > float(sys.argv[3])
    np.save(output / "dropped.npy", dropped)

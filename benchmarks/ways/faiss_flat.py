"""faiss's exact index: the two nearest of each document, itself and another; flagged where that is near."""

import sys
from pathlib import Path

import faiss
import numpy as np

from benchmarks.ways.stopwatch import work

if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    vectors = np.load(source / "vectors.npy")
    with work(output, "faiss-cpu", "numpy"):
        wide = vectors.astype(np.float32)
        index = faiss.IndexFlatIP(wide.shape[1])
        index.add(wide)
        similarity = index.search(wide, 2)[0][:, 1]
        flagged = similarity > float(sys.argv[3])
    np.save(output / "dropped.npy", flagged)

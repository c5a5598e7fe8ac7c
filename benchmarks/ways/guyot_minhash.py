"""Guyot's MinHash by its face in Python: signatures, candidates, each compared exactly, families cut to
one.
"""

import sys
from pathlib import Path

import numpy as np
import rensa as _  # noqa: F401  # signatures import it: like the peers', its import is not measured

import guyot
from benchmarks.ways.stopwatch import texts_of, work

guyot.Corpus, guyot.MinHash  # noqa: B018  # loaded when they are first named

if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    texts = texts_of(source / "documents.jsonl")
    with work(output, "rensa", "numpy"):
        corpus = guyot.Corpus.from_texts(texts, progress=False)
        kept = corpus.prune(guyot.MinHash(jaccard=float(sys.argv[3]))).mask
    np.save(output / "dropped.npy", ~kept)

"""datasketch as its guide has it: a MinHash per text, an index of bands, each text asked before it goes
in.
"""

import sys
from pathlib import Path

import numpy as np
from datasketch import MinHash, MinHashLSH

from benchmarks.ways.stopwatch import texts_of, work

WORDS = 5

if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    n_bands, n_rows = int(sys.argv[3]), int(sys.argv[4])
    texts = texts_of(source / "documents.jsonl")
    dropped = np.zeros(len(texts), bool)
    with work(output, "datasketch", "numpy"):
        index = MinHashLSH(num_perm=128, params=(n_bands, n_rows))
        for row, text in enumerate(texts):
            words = text.split()
            runs = {" ".join(words[i : i + WORDS]).encode() for i in range(max(1, len(words) - WORDS + 1))}
            signed = MinHash(num_perm=128)
            signed.update_batch(runs)
            dropped[row] = len(index.query(signed)) > 0
            index.insert(row, signed)
    np.save(output / "dropped.npy", dropped)

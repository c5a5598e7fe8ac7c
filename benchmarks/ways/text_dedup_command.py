"""text-dedup's command for MinHash, from JSON lines to a data set on disk, its start and end included."""

import subprocess
import sys
from pathlib import Path

import numpy as np
from datasets import load_from_disk

from benchmarks.ways.stopwatch import documents_of, work

if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    jaccard, n_bands, n_rows = sys.argv[3:]
    kept, cache = output / "kept", output / "cache"
    options = {
        "path": "json", "data_files": source / "documents.jsonl", "split": "train", "cache_dir": cache,
        "output": kept, "column": "text", "ngram": 5, "min_length": 1, "num_perm": 128, "threshold": jaccard,
        "b": n_bands, "r": n_rows, "hash_func": "xxh3",
    }  # fmt: skip
    given = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    with work(output, "text-dedup", "datasets", "numpy"):
        subprocess.run([sys.executable, "-m", "text_dedup.minhash", *given], check=True)
    ids = set(load_from_disk(str(kept))["id"])
    every = [document["id"] for document in documents_of(source / "documents.jsonl")]
    np.save(output / "dropped.npy", np.array([one not in ids for one in every]))

"""rensa at its fastest: a matrix of signatures from lists of word runs, and in one call who shares a band.

It flags all of a group, so that its caller must still choose who stays.
"""

import sys
from pathlib import Path

import numpy as np
from rensa import RMinHash, RMinHashLSH

from benchmarks.ways.stopwatch import texts_of, work

WORDS = 5


def runs(text: str) -> list[str]:
    """Return the word runs of a text."""
    words = text.split()
    return [" ".join(words[i : i + WORDS]) for i in range(max(1, len(words) - WORDS + 1))]


if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    jaccard, n_bands = float(sys.argv[3]), int(sys.argv[4])
    texts = texts_of(source / "documents.jsonl")
    with work(output, "rensa", "numpy"):
        signed = RMinHash.digest_matrix_from_token_sets([runs(text) for text in texts], 128, 42)
        index = RMinHashLSH(threshold=jaccard, num_perm=128, num_bands=n_bands)
        flags = index.query_duplicate_flags_matrix_one_shot(signed)
    np.save(output / "dropped.npy", np.array(flags, bool))

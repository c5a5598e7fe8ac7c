"""semhash on given vectors: its encoder returns the vector of a number, which is what a text says here."""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from semhash import SemHash

from benchmarks.ways.stopwatch import work


class Given:
    """An encoder that was given the vectors."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = vectors

    def encode(self, inputs: list[str], **_: object) -> NDArray[np.float32]:
        """Return the vectors of numbers."""
        return self._vectors[[int(text) for text in inputs]]


if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    vectors = np.load(source / "vectors.npy")
    with work(output, "semhash", "usearch", "vicinity", "numpy"):
        records = [str(row) for row in range(len(vectors))]
        index = SemHash.from_records(records, model=Given(vectors.astype(np.float32)))
        found = index.self_deduplicate(threshold=float(sys.argv[3]))
    dropped = np.ones(len(vectors), bool)
    dropped[[int(text) for text in found.selected]] = False
    np.save(output / "dropped.npy", dropped)

"""Judge which documents were dropped, by pairs that are near-duplicates.

Run as `-m MODULE INPUT ROUND SLUG PAIRS [complete]`, PAIRS the name of a file of the input.

recall: share of the pairs of which one document at least was dropped. precision, where the pairs are all that
there are: share of the dropped documents that are in a pair. dropped: their number.
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def judge(dropped: NDArray[np.bool_], pairs: NDArray[np.int64], complete: bool) -> dict[str, float]:
    """Score bool[n] by int64[p, 2]; a figure that nothing can be said of is left out.

    Examples
    --------
    >>> judge(np.array([False, True, True, False]), np.array([[0, 1], [0, 3]]), True)
    {'dropped': 2.0, 'recall': 0.5, 'precision': 0.5}
    """
    found = {"dropped": float(dropped.sum())}
    if len(pairs):
        found["recall"] = float(dropped[pairs].any(axis=1).mean())
    if complete and dropped.any():
        paired = np.zeros(len(dropped), bool)
        paired[pairs.reshape(-1)] = True
        found["precision"] = float(paired[dropped].mean())
    return found


if __name__ == "__main__":
    source, results = Path(sys.argv[1]), Path(sys.argv[2]) / sys.argv[3]
    dropped = np.load(results / "dropped.npy")
    pairs = np.load(source / f"{sys.argv[4]}.npy")
    sys.stdout.write(json.dumps(judge(dropped, pairs, "complete" in sys.argv[5:])))

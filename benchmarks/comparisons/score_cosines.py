"""Judge vectors by those of another way, document by document: `-m MODULE INPUT ROUND SLUG REFERENCE`."""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def judge(vectors: NDArray[np.floating], reference: NDArray[np.floating]) -> dict[str, float]:
    """Return the mean and the least cosine of rows; a row of zeros has the cosine 0.

    Examples
    --------
    >>> judge(np.array([[1.0, 0], [0, 2]]), np.array([[1.0, 0], [0, 1]]))
    {'mean_cosine': 1.0, 'least_cosine': 1.0}
    """
    one, other = (np.asarray(rows, np.float64) for rows in (vectors, reference))
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    cosines = np.einsum("ij,ij->i", one, other) / np.maximum(lengths, 1e-300)
    return {"mean_cosine": round(float(cosines.mean()), 6), "least_cosine": round(float(cosines.min()), 6)}


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    reference = folder / sys.argv[4] / "vectors.npy"
    vectors = np.load(folder / sys.argv[3] / "vectors.npy")
    found = judge(vectors, np.load(reference)) if reference.is_file() else {}
    sys.stdout.write(json.dumps(found))

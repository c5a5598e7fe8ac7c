"""MinHash signatures: 128 numbers per document whose agreement estimates the Jaccard similarity of two."""

from array import array
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.text.shingles import Shingles

N_PERMUTATIONS = 128
_SEED = 42


def signatures(found: Shingles) -> NDArray[np.uint32]:
    """Sign documents.

    Parameters
    ----------
    found : shingles of n documents, at least one each; repeated ones change nothing

    Returns
    -------
    uint32[n, 128]; two documents agree at a place with a probability of their Jaccard similarity.

    Notes
    -----
    O(m) for m shingles, by rensa, which gets the hashes that `shingles` made. Broder 1997.

    Examples
    --------
    >>> from guyot.text.shingles import shingles
    >>> one, other = signatures(shingles(["a b c d", "a b c d"], "words", 2))
    >>> bool((one == other).all())
    True
    """
    if len(found.offsets) == 1:
        return np.zeros((0, N_PERMUTATIONS), np.uint32)
    offsets = found.offsets.astype(np.uint64)
    signed = _rensa().digest_matrix_from_flat_token_hashes(found.hashes, offsets, N_PERMUTATIONS, _SEED)
    # an array of the machine's integers takes a list twice as fast as numpy does
    rows = bytearray().join([array("I", row).tobytes() for row in signed.to_rows()])
    return np.frombuffer(rows, np.uint32).reshape(-1, N_PERMUTATIONS)


def version() -> int:
    """Name the way of signing, which changes signatures when it changes."""
    return int(_rensa().ALGORITHM_VERSION)


def _rensa() -> Any:  # it has no types
    """Load the sketch of rensa."""
    return import_module("rensa").RMinHash

"""MinHash pairs of texts in memory."""

import numpy as np

from guyot.columns import MinHashPairs
from guyot.corpus.progress import Progress
from guyot.prune.near_duplicates.shingle_pairs import shingle_pairs
from guyot.text.minhash_signatures import N_PERMUTATIONS, signatures
from guyot.text.shingles import Shingles, shingles

WORDS = 5  # in a shingle, as the graph has by default
_BATCH_DOCUMENTS = 512


def text_pairs(texts: list[str], floor: float, progress: Progress | None = None) -> MinHashPairs:
    """Compare the candidate pairs of texts exactly.

    Parameters
    ----------
    floor : pairs below this Jaccard similarity are left out

    Raises
    ------
    SettingError : a floor not above 0 and at most 1.

    Examples
    --------
    >>> found = text_pairs(["a b c d e f", "x y", "a  b c d e f"], 0.8)
    >>> found.one.tolist(), found.other.tolist(), found.jaccard.tolist()
    ([0], [2], [1.0])
    """
    progress = progress or Progress()
    progress.begin("signing", len(texts))
    signed = [np.zeros((0, N_PERMUTATIONS), np.uint32)]
    hashes, counts = [np.zeros(0, np.uint64)], [np.zeros(1, np.int64)]
    for begin in range(0, len(texts), _BATCH_DOCUMENTS):
        found = shingles(texts[begin : begin + _BATCH_DOCUMENTS], "words", WORDS)
        signed.append(signatures(found))
        distinct = found.distinct()
        hashes.append(distinct.hashes)
        counts.append(np.diff(distinct.offsets))
        progress.advance(len(distinct.offsets) - 1)
    sets = Shingles(np.concatenate(hashes), np.cumsum(np.concatenate(counts)))
    progress.begin("comparing", unit="pairs")
    return shingle_pairs(sets, np.concatenate(signed), floor, progress.reached)

"""MinHash pairs of texts in memory."""

import numpy as np

from guyot.columns import MinHashPairs
from guyot.corpus.progress import Progress
from guyot.prune.near_duplicates.jaccards import jaccards
from guyot.prune.near_duplicates.shingle_pairs import ShinglePairSearch
from guyot.text.lsh import candidates, incomplete
from guyot.text.minhash_signatures import N_PERMUTATIONS, signatures
from guyot.text.shingles import Shingles, shingles

WORDS = 5  # in a shingle, as the graph has by default
_BATCH_DOCUMENTS = 512
_BATCH_PAIRS = 4096


def shingle_pairs(texts: list[str], floor: float, progress: Progress | None = None) -> MinHashPairs:
    """Compare the candidate pairs of texts exactly.

    Parameters
    ----------
    floor : pairs below this Jaccard similarity are left out

    Raises
    ------
    SettingError : a floor not above 0 and at most 1.

    Examples
    --------
    >>> pairs = shingle_pairs(["a b c d e f", "x y", "a  b c d e f"], 0.8)
    >>> pairs.one.tolist(), pairs.other.tolist(), pairs.jaccard.tolist()
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
    marks = np.concatenate(signed)
    pairs = candidates(marks, floor)
    progress.begin("comparing", len(pairs), "pairs")
    similarity = [np.zeros(0)]
    for begin in range(0, len(pairs), _BATCH_PAIRS):
        some = pairs[begin : begin + _BATCH_PAIRS]
        similarity.append(jaccards(sets, some[:, 0], some[:, 1]))
        progress.advance(len(some))
    jaccard = np.concatenate(similarity)
    linked = jaccard >= floor
    rows = np.flatnonzero(incomplete(marks, pairs, jaccard, floor))
    search = ShinglePairSearch(sets, marks, rows, floor)
    return MinHashPairs(pairs[linked, 0], pairs[linked, 1], jaccard[linked], floor, search)

"""Candidates: pairs of documents whose signatures agree in a band, and are worth an exact comparison."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.text.minhash_signatures import N_PERMUTATIONS

FOUND = 0.999  # the least probability with which a pair at the threshold becomes a candidate
ALL_PAIRS_IN = 64  # in a bucket of more documents each meets its next ones alone
NEXT = 16
_MARGIN = 6.0  # standard deviations under the threshold where an estimate is still compared


@dataclass(frozen=True)
class Bands:
    """How signatures are cut: `n_bands` bands of `n_rows` numbers each."""

    n_bands: int
    n_rows: int

    def probability(self, jaccard: float) -> float:
        """Return the probability that a pair agrees in a band at least."""
        return 1 - (1 - jaccard**self.n_rows) ** self.n_bands


def bands_for(jaccard: float) -> Bands:
    """Choose the longest bands that find a pair at a threshold with a probability of 0.999.

    Raises
    ------
    SettingError : a threshold not above 0 and at most 1.

    Examples
    --------
    >>> bands_for(0.8)
    Bands(n_bands=25, n_rows=5)
    """
    if not 0 < jaccard <= 1:
        raise SettingError(
            f"minhash was asked for a Jaccard similarity of {jaccard}; choose above 0, at most 1"
        )
    for n_rows in range(N_PERMUTATIONS, 0, -1):
        bands = Bands(N_PERMUTATIONS // n_rows, n_rows)
        if bands.probability(jaccard) >= FOUND:
            return bands
    return Bands(N_PERMUTATIONS, 1)


def candidates(signed: NDArray[np.uint32], jaccard: float) -> NDArray[np.int64]:
    """Find pairs of documents that may be at or above a threshold.

    Parameters
    ----------
    signed : uint32[n, 128]
    jaccard : the threshold

    Returns
    -------
    int64[p, 2], rows; the lower first, each pair once, in order.

    Notes
    -----
    O(n log n) per band. Documents of equal signatures are one: the first of them meets the others of its
    buckets, and each later one the one before it. In a bucket of more than ALL_PAIRS_IN each document meets
    its NEXT next ones. Pairs whose signatures agree so little that their similarity is all but surely below
    the threshold are left out.

    Examples
    --------
    >>> candidates(np.array([[1] * 128, [2] * 128, [1] * 128], np.uint32), 0.8).tolist()
    [[0, 2]]
    """
    bands = bands_for(jaccard)
    whole = _keys(signed)
    order = np.argsort(whole, kind="stable")
    same = whole[order[1:]] == whole[order[:-1]]
    found = [np.stack([order[:-1][same], order[1:][same]], axis=1)]
    first = np.ones(len(signed), np.bool_)
    first[order[1:][same]] = False
    rows = np.flatnonzero(first)
    for band in range(bands.n_bands):
        columns = slice(band * bands.n_rows, (band + 1) * bands.n_rows)
        found.append(_likely(signed, rows[_meetings(_keys(signed[rows, columns]))], jaccard))
    pairs = np.concatenate(found)
    return np.unique(pairs, axis=0) if len(pairs) else np.zeros((0, 2), np.int64)


def incomplete(
    signed: NDArray[np.uint32], pairs: NDArray[np.int64], similarity: NDArray[np.float64], jaccard: float
) -> NDArray[np.bool_]:
    """Find the documents that share a bucket in which not all pairs are candidates.

    These are buckets of more than ALL_PAIRS_IN signatures, and those with a signature that documents of
    different shingles have. In all others every two shingle sets were compared.

    Parameters
    ----------
    signed : uint32[n, 128]
    pairs : int64[p, 2], its candidates
    similarity : float64[p], their exact similarity
    jaccard : the threshold of the candidates

    Returns
    -------
    bool[n]; if one of these is removed, pairs of others of these may be known no more.

    Notes
    -----
    O(n log n) per band.

    Examples
    --------
    >>> signed = np.array([[1] * 128, [2] * 128, [1] * 128], np.uint32)
    >>> incomplete(signed, np.array([[0, 2]]), np.array([0.99]), 0.8).tolist()
    [True, False, True]
    """
    bands = bands_for(jaccard)
    first, label = np.unique(_keys(signed), return_index=True, return_inverse=True)[1:]
    differ = pairs[(label[pairs[:, 0]] == label[pairs[:, 1]]) & (similarity < 1)]
    is_mixed = np.isin(label, label[differ[:, 0]])
    found = is_mixed.copy()
    for band in range(bands.n_bands):
        columns = slice(band * bands.n_rows, (band + 1) * bands.n_rows)
        bucket = np.unique(_keys(signed[:, columns]), return_inverse=True)[1]
        crowded = np.bincount(bucket[first], minlength=len(signed)) > ALL_PAIRS_IN
        crowded[bucket[is_mixed]] = True
        found |= crowded[bucket]
    return found


def _keys(columns: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Hash rows to one number each."""
    keys = np.zeros(len(columns), np.uint64)
    for column in columns.T:
        keys = (keys ^ column) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys


def _meetings(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Pair the documents of each bucket: int64[p, 2], the lower first."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    begins = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])[: len(ranked)])
    sizes = np.diff(np.append(begins, len(ranked)))
    last = np.repeat(begins + sizes, sizes)  # the end of each one's bucket
    reach = np.repeat(np.where(sizes > ALL_PAIRS_IN, NEXT, sizes - 1), sizes)
    reach = np.minimum(reach, last - np.arange(len(ranked)) - 1)
    one = np.repeat(np.arange(len(ranked)), reach)
    step = np.arange(len(one)) - np.repeat(np.cumsum(reach) - reach, reach) + 1
    return np.stack([order[one], order[one + step]], axis=1)


def _likely(signed: NDArray[np.uint32], pairs: NDArray[np.int64], jaccard: float) -> NDArray[np.int64]:
    """Leave out pairs that agree too seldom."""
    least = jaccard * N_PERMUTATIONS - _MARGIN * np.sqrt(jaccard * (1 - jaccard) * N_PERMUTATIONS)
    parts = [np.zeros((0, 2), np.int64)]
    for begin in range(0, len(pairs), 65_536):
        some = pairs[begin : begin + 65_536]
        agree = (signed[some[:, 0]] == signed[some[:, 1]]).sum(axis=1)
        parts.append(some[agree >= least])
    return np.concatenate(parts)

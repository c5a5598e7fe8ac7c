"""Candidates: pairs of documents whose signatures agree in a band, and are worth an exact comparison."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.text.buckets import Bands, Buckets, Signatures, band_keys, shared_buckets, whole_keys
from guyot.text.minhash_signatures import N_PERMUTATIONS

FOUND = 0.999  # the least probability with which a pair at the threshold becomes a candidate
ALL_PAIRS_IN = 64  # in a bucket of more documents each meets its next ones alone
NEXT = 16
_MARGIN = 6.0  # standard deviations under the threshold where an estimate is still compared
_BLOCK_PAIRS = 4096
_PAIRS_AT_ONCE = 1 << 20  # of several bands, that are looked at together


@dataclass(frozen=True)
class Candidates:
    """Pairs of n documents that may be at or above a threshold.

    pairs : int64[p, 2], rows; the lower first, each pair once, in order
    has_one_signature : bool[p], whether the two have the same signature
    crowded : bool[n], documents in a bucket of more than ALL_PAIRS_IN, of which not all pairs are here
    """

    pairs: NDArray[np.int64]
    has_one_signature: NDArray[np.bool_]
    crowded: NDArray[np.bool_]


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


def candidates(signed: Signatures, jaccard: float) -> Candidates:
    """Find pairs of documents that may be at or above a threshold.

    Parameters
    ----------
    signed : uint32[n, 128]
    jaccard : the threshold

    Notes
    -----
    O(n log n) per band; some 100 bytes of memory per document. Documents of equal signatures are one: the
    first of them meets the others of its buckets, and each later one the one before it. In a bucket of more
    than ALL_PAIRS_IN each document meets its NEXT next ones. Pairs whose signatures agree so little that
    their similarity is all but surely below the threshold are left out.

    Examples
    --------
    >>> candidates(np.array([[1] * 128, [2] * 128, [1] * 128], np.uint32), 0.8).pairs.tolist()
    [[0, 2]]
    """
    bands, n_documents = bands_for(jaccard), len(signed)
    copies, begins = shared_buckets(whole_keys(signed))
    follows = np.ones(len(copies), np.bool_)
    follows[begins] = False
    chain = _packed(copies[:-1][follows[1:]], copies[1:][follows[1:]], n_documents)
    firsts = np.delete(np.arange(n_documents), copies[follows])
    crowded = np.zeros(n_documents, np.bool_)
    found, waiting = [chain], [np.zeros(0, np.int64)]
    for band, keys in enumerate(band_keys(signed, bands)):
        rows, buckets = shared_buckets(keys[firsts] if len(copies) else keys)
        rows, sizes = firsts[rows], np.diff(np.append(buckets, len(rows)))
        crowded[rows[np.repeat(sizes > ALL_PAIRS_IN, sizes)]] = True
        one, other = _meetings(sizes)
        waiting.append(_packed(rows[one], rows[other], n_documents))
        if band == bands.n_bands - 1 or sum(map(len, waiting)) > _PAIRS_AT_ONCE:
            found.append(_likely(signed, _distinct(np.concatenate(waiting)), jaccard))
            waiting = []
    crowded[copies] = np.repeat(crowded[copies[begins]], np.diff(np.append(begins, len(copies))))
    packed = _distinct(np.concatenate(found))
    pairs = np.stack(np.divmod(packed, n_documents or 1), axis=1)
    return Candidates(pairs, np.isin(packed, chain, assume_unique=True), crowded)


def incomplete(
    signed: Signatures, found: Candidates, similarity: NDArray[np.float64], jaccard: float
) -> NDArray[np.bool_]:
    """Find the documents that share a bucket in which not all pairs are candidates.

    These are buckets of more than ALL_PAIRS_IN signatures, and those with a signature that documents of
    different shingles have. In all others every two shingle sets were compared.

    Parameters
    ----------
    signed : uint32[n, 128]
    found : its candidates
    similarity : float64[p], their exact similarity; only that of pairs of one signature is used
    jaccard : the threshold of the candidates

    Returns
    -------
    bool[n]; if one of these is removed, pairs of others of these may be known no more.

    Notes
    -----
    O(n) per band where documents of different shingles have one signature, which is rare.

    Examples
    --------
    >>> signed = np.array([[1] * 128, [2] * 128, [1] * 128], np.uint32)
    >>> incomplete(signed, candidates(signed, 0.8), np.array([0.99]), 0.8).tolist()
    [True, False, True]
    """
    mixed = found.pairs[found.has_one_signature & (similarity < 1), 0]
    if not len(mixed):
        return found.crowded
    return found.crowded | Buckets(signed[mixed], bands_for(jaccard)).hold(signed)


def _meetings(sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair the documents of adjacent buckets: places int64[p], int64[p], the lower first."""
    n_documents = int(sizes.sum())
    last = np.repeat(np.cumsum(sizes), sizes)  # the end of each one's bucket
    reach = np.repeat(np.where(sizes > ALL_PAIRS_IN, NEXT, sizes - 1), sizes)
    reach = np.minimum(reach, last - np.arange(n_documents) - 1)
    one = np.repeat(np.arange(n_documents), reach)
    step = np.arange(len(one)) - np.repeat(np.cumsum(reach) - reach, reach) + 1
    return one, one + step


def _packed(one: NDArray[np.int64], other: NDArray[np.int64], n_documents: int) -> NDArray[np.int64]:
    """Turn pairs into a number each, in the order of the pairs."""
    return one * n_documents + other


def _distinct(packed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sort numbers and leave each but once."""
    ranked = np.sort(packed)
    return ranked[np.append(True, ranked[1:] != ranked[:-1])[: len(ranked)]]


def _likely(signed: Signatures, packed: NDArray[np.int64], jaccard: float) -> NDArray[np.int64]:
    """Leave out pairs that agree too seldom."""
    least = jaccard * N_PERMUTATIONS - _MARGIN * np.sqrt(jaccard * (1 - jaccard) * N_PERMUTATIONS)
    parts = [np.zeros(0, np.int64)]
    for begin in range(0, len(packed), _BLOCK_PAIRS):
        some = packed[begin : begin + _BLOCK_PAIRS]
        one, other = np.divmod(some, len(signed))
        parts.append(some[_agreements(signed[one], signed[other]) >= least])
    return np.concatenate(parts)


def _agreements(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Count the places where two signatures agree: eight in a number, then its bytes."""
    eights = (one == other).view(np.uint64).sum(axis=1)
    return (eights * np.uint64(0x0101010101010101)) >> np.uint64(56)

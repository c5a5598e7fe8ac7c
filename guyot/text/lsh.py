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
_BLOCK_ROWS = 4096
_PAIRS_AT_ONCE = 1 << 20  # of several bands, that are looked at together
_SLOTS_PER_KEY = 4


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
    O(n) per band, and a sort of what shares a bucket. Documents of equal signatures are one: the
    first of them meets the others of its buckets, and each later one the one before it. In a bucket of more
    than ALL_PAIRS_IN each document meets its NEXT next ones. Pairs whose signatures agree so little that
    their similarity is all but surely below the threshold are left out.

    Examples
    --------
    >>> candidates(np.array([[1] * 128, [2] * 128, [1] * 128], np.uint32), 0.8).tolist()
    [[0, 2]]
    """
    bands, n_documents = bands_for(jaccard), len(signed)
    first, again = _copies(_keys(signed))
    found, waiting = [_packed(again, n_documents)], [np.zeros(0, np.int64)]
    rows = np.flatnonzero(first)
    for band in range(bands.n_bands):
        keys = _keys(signed[rows, band * bands.n_rows : (band + 1) * bands.n_rows])
        waiting.append(_packed(rows[_meetings(keys)], n_documents))
        if band == bands.n_bands - 1 or sum(map(len, waiting)) > _PAIRS_AT_ONCE:
            found.append(_likely(signed, _distinct(np.concatenate(waiting)), jaccard))
            waiting = []
    return np.stack(np.divmod(_distinct(np.concatenate(found)), n_documents or 1), axis=1)


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
    whole = _keys(signed)
    one, other = pairs.T
    differ = one[(whole[one] == whole[other]) & (similarity < 1)]
    is_mixed = _is_among(whole, whole[differ])
    first, _ = _copies(whole)
    found = is_mixed.copy()
    for band in range(bands.n_bands):
        keys = _keys(signed[:, band * bands.n_rows : (band + 1) * bands.n_rows])
        found |= _is_among(keys, np.append(_crowded(keys[first]), keys[is_mixed]))
    return found


def _keys(columns: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Hash rows to one number each, block by block: a signature is read once."""
    keys = np.zeros(len(columns), np.uint64)
    for begin in range(0, len(columns), _BLOCK_ROWS):
        some = keys[begin : begin + _BLOCK_ROWS]
        for column in columns[begin : begin + _BLOCK_ROWS].T:
            some ^= column
            some *= np.uint64(0x9E3779B97F4A7C15)
            some ^= some >> np.uint64(29)
    return keys


def _slots(keys: NDArray[np.uint64], n_keys: int) -> tuple[NDArray[np.intp], int]:
    """Put keys into slots of a table for n of them, by their highest bits: (slot of each, slots)."""
    bits = max(1, (_SLOTS_PER_KEY * n_keys - 1).bit_length())
    return (keys >> np.uint64(64 - bits)).astype(np.intp), 1 << bits


def _shared(keys: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return where keys are that may be there twice; without a sort, as most are there once."""
    slots, n_slots = _slots(keys, len(keys))
    return np.flatnonzero(np.bincount(slots, minlength=n_slots)[slots] > 1)


def _is_among(keys: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which keys are among some few."""
    slots, n_slots = _slots(keys, len(keys))
    has_wanted = np.zeros(n_slots, np.bool_)
    has_wanted[_slots(wanted, len(keys))[0]] = True
    found = has_wanted[slots]
    found[found] = np.isin(keys[found], wanted)
    return found


def _crowded(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the keys that more than ALL_PAIRS_IN have."""
    slots, n_slots = _slots(keys, len(keys))
    many = np.bincount(slots, minlength=n_slots)[slots] > ALL_PAIRS_IN
    found, counts = np.unique(keys[many], return_counts=True)
    return found[counts > ALL_PAIRS_IN]


def _copies(keys: NDArray[np.uint64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Find equal keys: whether each is the first, bool[n], and each later one with the one before it."""
    shared = _shared(keys)
    order = shared[np.argsort(keys[shared], kind="stable")]
    same = keys[order[1:]] == keys[order[:-1]]
    first = np.ones(len(keys), np.bool_)
    first[order[1:][same]] = False
    return first, np.stack([order[:-1][same], order[1:][same]], axis=1)


def _meetings(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Pair the documents of each bucket: int64[p, 2], the lower first."""
    shared = _shared(keys)
    order = shared[np.argsort(keys[shared], kind="stable")]
    ranked = keys[order]
    begins = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])[: len(ranked)])
    sizes = np.diff(np.append(begins, len(ranked)))
    last = np.repeat(begins + sizes, sizes)  # the end of each one's bucket
    reach = np.repeat(np.where(sizes > ALL_PAIRS_IN, NEXT, sizes - 1), sizes)
    reach = np.minimum(reach, last - np.arange(len(ranked)) - 1)
    one = np.repeat(np.arange(len(ranked)), reach)
    step = np.arange(len(one)) - np.repeat(np.cumsum(reach) - reach, reach) + 1
    return np.stack([order[one], order[one + step]], axis=1)


def _packed(pairs: NDArray[np.int64], n_documents: int) -> NDArray[np.int64]:
    """Turn pairs into a number each, in the order of the pairs."""
    return pairs[:, 0] * n_documents + pairs[:, 1]


def _distinct(packed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sort numbers and leave each but once."""
    ranked = np.sort(packed)
    return ranked[np.append(True, ranked[1:] != ranked[:-1])[: len(ranked)]]


def _likely(signed: NDArray[np.uint32], packed: NDArray[np.int64], jaccard: float) -> NDArray[np.int64]:
    """Leave out pairs that agree too seldom."""
    least = jaccard * N_PERMUTATIONS - _MARGIN * np.sqrt(jaccard * (1 - jaccard) * N_PERMUTATIONS)
    parts = [np.zeros(0, np.int64)]
    for begin in range(0, len(packed), _BLOCK_ROWS):
        some = packed[begin : begin + _BLOCK_ROWS]
        one, other = np.divmod(some, len(signed))
        parts.append(some[_agreements(signed[one], signed[other]) >= least])
    return np.concatenate(parts)


def _agreements(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Count the places where two signatures agree: eight in a number, then its bytes."""
    eights = (one == other).view(np.uint64).sum(axis=1)
    return (eights * np.uint64(0x0101010101010101)) >> np.uint64(56)

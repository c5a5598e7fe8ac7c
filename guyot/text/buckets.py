"""Buckets: the documents whose signatures agree in a band, by a 64-bit key of that part of the signature."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from guyot.seeds import mix
from guyot.text.minhash_signatures import N_PERMUTATIONS

_BLOCK_ROWS = 1024  # of signatures, whose 64-bit products stay in the processor's cache
_BANDS_AT_ONCE = 8  # whose keys are held: 64 bytes per document
_SLOTS_PER_KEY = 16
_LOOKED_UP = 1 << 16
# a key is a sum of products with odd 64-bit numbers, modulo 2^64: bits of all places reach the highest ones
_WEIGHTS = mix(np.arange(1, N_PERMUTATIONS + 1, dtype=np.uint64)) | np.uint64(1)


class SignatureRows(Protocol):
    """Signatures that are not held in memory: uint32[n, 128], read by slices and by row numbers."""

    def __len__(self) -> int:
        """Return n."""
        ...

    def __getitem__(self, rows: slice | NDArray[np.int64], /) -> NDArray[np.uint32]:
        """Read some rows."""
        ...


Signatures = NDArray[np.uint32] | SignatureRows


@dataclass(frozen=True)
class Bands:
    """How signatures are cut: `n_bands` bands of `n_rows` numbers each."""

    n_bands: int
    n_rows: int

    def probability(self, jaccard: float) -> float:
        """Return the probability that a pair agrees in a band at least."""
        return 1 - (1 - jaccard**self.n_rows) ** self.n_bands


def whole_keys(signed: Signatures) -> NDArray[np.uint64]:
    """Hash whole signatures, block by block: uint64[n]."""
    return next(band_keys(signed, Bands(1, N_PERMUTATIONS)))


def band_keys(signed: Signatures, bands: Bands) -> Iterator[NDArray[np.uint64]]:
    """Hash signatures band by band: uint64[n] for each band in turn.

    Notes
    -----
    O(n) per band; 64 bytes of memory per document, and a pass over the signatures for every 8 bands.
    """
    for first in range(0, bands.n_bands, _BANDS_AT_ONCE):
        n_bands = min(_BANDS_AT_ONCE, bands.n_bands - first)
        keys = np.empty((n_bands, len(signed)), np.uint64)
        for begin in range(0, len(signed), _BLOCK_ROWS):
            block = signed[begin : begin + _BLOCK_ROWS]
            keys[:, begin : begin + _BLOCK_ROWS] = _keys(block, bands.n_rows, first, n_bands).T
        yield from keys


def _keys(block: NDArray[np.uint32], n_rows: int, first: int, n_bands: int) -> NDArray[np.uint64]:
    """Hash some bands of a block of signatures: uint64[m, n_bands]."""
    span = slice(first * n_rows, (first + n_bands) * n_rows)
    columns, weights = block[:, span].astype(np.uint64), _WEIGHTS[span]
    columns *= weights
    keys = columns[:, ::n_rows].copy()
    for row in range(1, n_rows):
        keys += columns[:, row::n_rows]
    return keys


def shared_buckets(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the keys that several rows have.

    Parameters
    ----------
    keys : uint64[n], well spread in their highest bits

    Returns
    -------
    Their rows int64[m], key by key and ascending for each, and where each key's begin, int64[b].

    Notes
    -----
    A sort of numbers that hold the highest bits of a key and its row, then of the few that share these bits.

    Examples
    --------
    >>> rows, begins = shared_buckets(np.array([7 << 60, 5 << 60, 7 << 60, 1 << 60], np.uint64))
    >>> rows.tolist(), begins.tolist()
    ([0, 2], [0])
    """
    low = np.uint64((1 << max(1, (len(keys) - 1).bit_length())) - 1)
    packed = keys & ~low
    packed |= np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    same = (packed[1:] ^ packed[:-1]) <= low
    may_share = np.zeros(len(keys), np.bool_)
    may_share[1:] |= same
    may_share[:-1] |= same
    rows = (packed[may_share] & low).astype(np.int64)
    rows = rows[
        np.argsort(keys[rows], kind="stable")
    ]  # all but in order: highest bits may be equal by chance
    ranked = keys[rows]
    begins = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])[: len(ranked)])
    sizes = np.diff(np.append(begins, len(ranked)))
    rows, sizes = rows[np.repeat(sizes > 1, sizes)], sizes[sizes > 1]
    return rows, np.cumsum(sizes) - sizes


class Buckets:
    """The buckets of some documents, to find the others that are in one of them.

    Parameters
    ----------
    signed : uint32[m, 128]
    bands : how signatures are cut

    Notes
    -----
    16 to 32 bytes of memory per document and band, and its key.

    Examples
    --------
    >>> signed = np.array([[1] * 128, [2] * 128], np.uint32)
    >>> Buckets(signed[:1], Bands(25, 5)).hold(signed).tolist()
    [True, False]
    """

    def __init__(self, signed: Signatures, bands: Bands) -> None:
        self._bands = bands
        self._keys = [np.unique(keys) for keys in band_keys(signed, bands)]
        self._bits = max(10, (_SLOTS_PER_KEY * len(signed)).bit_length())
        self._has_key = np.zeros((bands.n_bands, 1 << self._bits), np.bool_)
        for has_key, keys in zip(self._has_key, self._keys, strict=True):
            has_key[self._slots(keys)] = True

    def hold(self, signed: Signatures) -> NDArray[np.bool_]:
        """Return which documents are in one of the buckets.

        Parameters
        ----------
        signed : uint32[n, 128]

        Returns
        -------
        bool[n]

        Notes
        -----
        O(n) per band.
        """
        held = np.zeros(len(signed), np.bool_)
        for band, keys in enumerate(band_keys(signed, self._bands) if len(self._keys[0]) else ()):
            for begin in range(0, len(keys), _LOOKED_UP):
                some = keys[begin : begin + _LOOKED_UP]
                hits = np.flatnonzero(self._has_key[band, self._slots(some)])
                wanted = self._keys[band]
                at = np.minimum(np.searchsorted(wanted, some[hits]), len(wanted) - 1)
                held[begin + hits[wanted[at] == some[hits]]] = True
        return held

    def _slots(self, keys: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Put keys into slots of the table, by their highest bits."""
        return (keys >> np.uint64(64 - self._bits)).astype(np.intp)

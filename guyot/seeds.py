"""The only source of randomness. Streams are named by labels, so no two places share one by accident."""

import hashlib

import numpy as np
from numpy.typing import NDArray

_KEYS_AT_ONCE = 1 << 16  # of which temporary arrays are made


def generator(seed: int, *labels: str | int) -> np.random.Generator:
    """Return the random stream of a seed and its labels.

    `seed + epoch` would make seed 1, epoch 0 the same stream as seed 0, epoch 1; labels cannot.

    Examples
    --------
    >>> a, b = generator(0, "schedule", 1), generator(1, "schedule", 0)
    >>> bool(a.random() == b.random())
    False
    """
    words = np.frombuffer(_digest(seed, labels, 32), dtype="<u4")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words.tolist())))


def uniforms(seed: int, label: str, keys: list[str]) -> NDArray[np.float64]:
    """Return a number in [0, 1) for each key; it depends on the seed, the label and that key alone.

    Unlike a draw from `generator`, it does not depend on which other keys there are: a document
    keeps its number when shards come and go.

    Returns
    -------
    float64[n]

    Examples
    --------
    >>> uniforms(0, "held_out", ["a", "b"])[1] == uniforms(0, "held_out", ["b"])[0]
    np.True_
    """
    prefix = _digest(seed, (label,), 16)
    drawn = (hashlib.blake2b(key.encode(), digest_size=8, key=prefix).digest() for key in keys)
    integers = np.frombuffer(b"".join(drawn), dtype="<u8")
    return (integers >> np.uint64(11)).astype(np.float64) * 2.0**-53


def uniforms_of_bits(seed: int, label: str, bits: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return a number in [0, 1) for each row from its own 64 bits, such as the start of its doc_id.

    Like `uniforms`, without a Python loop: for bits that are already spread evenly.

    Parameters
    ----------
    bits : uint64[n]

    Returns
    -------
    float64[n]

    Notes
    -----
    O(n). Bits are mixed by `mix`.

    Examples
    --------
    >>> bits = np.array([1, 2], np.uint64)
    >>> uniforms_of_bits(0, "cut", bits)[1] == uniforms_of_bits(0, "cut", bits[1:])[0]
    np.True_
    """
    mixed = mix(bits ^ np.frombuffer(_digest(seed, (label,), 8), dtype="<u8")[0])
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def draw_sample(seed: int, label: str, bits: NDArray[np.uint64], size: int) -> NDArray[np.int64]:
    """Draw rows at random, each by 64 bits of its own and the seed alone.

    Parameters
    ----------
    bits : uint64[n], such as the start of each doc_id

    Returns
    -------
    int64[m], ascending, m = min(size, n): those of the lowest numbers of `uniforms_of_bits`.

    Examples
    --------
    >>> bits = np.arange(9, dtype=np.uint64)
    >>> set(draw_sample(0, "s", bits, 2).tolist()) <= set(draw_sample(0, "s", bits, 3).tolist())
    True
    """
    drawn = np.empty(len(bits))
    for begin in range(0, len(bits), _KEYS_AT_ONCE):
        some = slice(begin, begin + _KEYS_AT_ONCE)
        drawn[some] = uniforms_of_bits(seed, label, bits[some])
    if size < len(bits):  # those up to the last number that is taken are few, and sorted alone
        last = np.partition(drawn, size)[size]
        rows = np.flatnonzero(drawn <= last)
    else:
        rows = np.arange(len(bits))
    return np.sort(rows[np.lexsort((bits[rows], drawn[rows]))[:size]])


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix bits so that each depends on all: SplitMix64's finaliser (Steele, Lea and Flood 2014).

    Parameters
    ----------
    values : uint64[n]

    Returns
    -------
    uint64[n]

    Examples
    --------
    >>> mix(np.array([0, 1], np.uint64)).tolist()
    [0, 6238072747940578789]
    """
    mixed = values ^ (values >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def mix_integer(value: int) -> int:
    """Mix the bits of one integer, 0 to 2^64 - 1, as `mix` does; microseconds sooner than an array of one.

    Examples
    --------
    >>> mix_integer(1) == int(mix(np.array([1], np.uint64))[0])
    True
    """
    mixed = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MAX_WORD
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MAX_WORD
    return mixed ^ (mixed >> 31)


def keys(seed: int, *labels: str | int, size: int) -> NDArray[np.uint64]:
    """Return 64-bit keys of a seed and its labels, uint64[size]: SplitMix64's stream from a digest of them.

    Examples
    --------
    >>> bool((keys(0, "schedule", 1, size=8) == keys(1, "schedule", 0, size=8)).any())
    False
    """
    first = np.frombuffer(_digest(seed, labels, 8), dtype="<u8")
    return mix(first + np.arange(1, size + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))


_MAX_WORD = (1 << 64) - 1


def _digest(seed: int, labels: tuple[str | int, ...], size: int) -> bytes:
    """Hash a seed and its labels; types count, so that 1 and "1" differ."""
    return hashlib.blake2b(repr((seed, labels)).encode(), digest_size=size).digest()

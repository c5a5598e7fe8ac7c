"""Pairs of documents that differ in one factor alone: what a change of that factor moves."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from guyot.audit.factors.factor import Factor
from guyot.seeds import generator

MAX_OF_A_GROUP = 16  # documents that differ in one factor are paired with so many others at most


def single_differences(
    factors: Sequence[Factor], rows: NDArray[np.int64], *, max_pairs: int, seed: int
) -> list[NDArray[np.int64]]:
    """Find, for each factor, pairs that differ in it and agree in all others.

    Parameters
    ----------
    factors : of the same documents
    rows : int64[m], the documents that are paired, such as those that are no copies; those without a level in
        a factor are left out
    max_pairs : of each factor at most, drawn by their hash
    seed : of the hash

    Returns
    -------
    For each factor int64[p, 2], rows

    Notes
    -----
    O(m log m) for each factor: documents are grouped by a hash of all other factors, and what it finds is
    compared. Of a larger group its first MAX_OF_A_GROUP documents are paired.

    Examples
    --------
    >>> from guyot.audit.factors.factor import factor_of
    >>> shape, yaw = factor_of("shape", ["cube", "cube", "cone"]), factor_of("yaw", [0.0, 90.0, 0.0])
    >>> [p.tolist() for p in single_differences([shape, yaw], np.arange(3), max_pairs=9, seed=0)]
    [[[0, 2]], [[0, 1]]]
    """
    if not factors:
        return []
    level = np.stack([factor.level for factor in factors])
    rows = rows[(level[:, rows] >= 0).all(axis=0)]
    hashed = np.stack([
        generator(seed, "levels", number).integers(0, 2**64, max(1, len(factor.levels)), np.uint64)[
            factor.level[rows]
        ]
        for number, factor in enumerate(factors)
    ])  # fmt: skip
    total = hashed.sum(axis=0, dtype=np.uint64)
    return [_pairs(total - hashed[number], level, rows, number, max_pairs) for number in range(len(factors))]


def _pairs(
    key: NDArray[np.uint64], level: NDArray[np.int32], rows: NDArray[np.int64], number: int, max_pairs: int
) -> NDArray[np.int64]:
    """Pair the documents of one key that have different levels of the factor of a number."""
    if not len(rows):
        return np.zeros((0, 2), np.int64)
    order = np.lexsort((rows, key))
    sorted_key = key[order]
    begins = np.flatnonzero(np.concatenate([[True], sorted_key[1:] != sorted_key[:-1], [True]]))
    found: list[NDArray[np.int64]] = [np.zeros((0, 2), np.int64)]
    n_pairs = 0
    others = np.arange(len(level)) != number
    for begin, end in zip(begins[:-1], begins[1:], strict=True):
        if end - begin < 2 or n_pairs >= max_pairs:
            continue
        mine = rows[order[begin : min(end, begin + MAX_OF_A_GROUP)]]
        one, other = mine[np.stack(np.triu_indices(len(mine), 1))]
        differs = level[number, one] != level[number, other]
        agrees = (level[others][:, one] == level[others][:, other]).all(axis=0)
        pairs = np.stack([one, other], axis=1)[differs & agrees]
        found.append(pairs)
        n_pairs += len(pairs)
    return np.concatenate(found)[:max_pairs]

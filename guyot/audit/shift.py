"""What a cut does to groups of documents: sources, kinds, lengths, clusters. A minority can vanish unseen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

VANISHED = 0.1  # a group of which less than this part of the overall share is kept
MIN_DOCUMENTS = 10  # smaller groups come and go by chance


@dataclass(frozen=True)
class Shift:
    """Groups before and after a cut.

    documents, documents_kept, tokens, tokens_kept : int64[g]
    share, share_kept : float64[g], of all tokens before, and of the kept tokens; nan where there are none
    ratio : float64[g], share_kept over share; nan where the group had no tokens
    vanished : bool[g], of at least MIN_DOCUMENTS and kept less than VANISHED of the overall share
    divergence : Kullback-Leibler divergence of the kept shares from the shares before, in nats
    """

    documents: NDArray[np.int64]
    documents_kept: NDArray[np.int64]
    tokens: NDArray[np.int64]
    tokens_kept: NDArray[np.int64]
    share: NDArray[np.float64]
    share_kept: NDArray[np.float64]
    ratio: NDArray[np.float64]
    vanished: NDArray[np.bool_]
    divergence: float


def shift(
    group: NDArray[np.int32], n_groups: int, tokens: NDArray[np.int64], kept: NDArray[np.bool_]
) -> Shift:
    """Compare groups before and after a cut.

    Parameters
    ----------
    group : int32[n], 0 to n_groups - 1
    tokens : int64[n]
    kept : bool[n]

    Notes
    -----
    O(n).

    Examples
    --------
    >>> found = shift(np.array([0, 0, 1], np.int32), 2, np.array([1, 1, 2]), np.array([True, False, True]))
    >>> found.share.tolist(), found.share_kept.round(3).tolist()
    ([0.5, 0.5], [0.333, 0.667])
    """
    documents = np.bincount(group, minlength=n_groups)
    documents_kept = np.bincount(group[kept], minlength=n_groups)
    before, after = _sums(group, tokens, n_groups), _sums(group[kept], tokens[kept], n_groups)
    share, share_kept = _shares(before), _shares(after)
    ratio = np.divide(share_kept, share, out=np.full(n_groups, np.nan), where=share > 0)
    overall = documents_kept.sum() / max(1, documents.sum())
    vanished = (documents >= MIN_DOCUMENTS) & (documents_kept < VANISHED * overall * documents)
    is_kept = share_kept > 0
    divergence = float((share_kept[is_kept] * np.log(share_kept[is_kept] / share[is_kept])).sum())
    return Shift(
        documents, documents_kept, before, after, share, share_kept, ratio, vanished, max(0.0, divergence)
    )


def _sums(group: NDArray[np.int32], tokens: NDArray[np.int64], n_groups: int) -> NDArray[np.int64]:
    """Sum tokens by group, exactly."""
    total = np.zeros(n_groups, np.int64)
    np.add.at(total, group, tokens)
    return total


def _shares(tokens: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each group's share of all."""
    total = int(tokens.sum())
    return tokens / total if total else np.full(len(tokens), np.nan)

"""Plan a training: spread a token budget over the documents of a mixture."""

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError, SettingError
from guyot.train.epoch_order import Shuffle
from guyot.train.schedule import Schedule

_BLOCKS_AT_ONCE = 1024


def plan(
    token_counts: NDArray[np.integer],
    train_tokens: int,
    seed: int,
    *,
    repeats: NDArray[np.integer] | None = None,
    segment_tokens: int | None = None,
    shuffle: Shuffle = Shuffle(),  # noqa: B008  it is frozen
) -> Schedule:
    """Spread a token budget over documents.

    Parameters
    ----------
    token_counts : int[n], of all documents of a snapshot, in the order in which they are stored
    train_tokens : the budget, met to the token
    seed : of the orders. They do not depend on what is kept: two mixtures of the same documents read what
        they share in the same relative order
    repeats : int[n], how often an epoch reads each; 0 for a dropped document; None: each once
    segment_tokens : a longer document is read in segments of this many tokens; None: whole
    shuffle : how far documents are mixed

    Raises
    ------
    SettingError : nothing to read, a document of no tokens that is to be read, no budget, or segments of no
        tokens.
    ArrayError : repeats of another length, or below 0.

    Notes
    -----
    O(n) time, and memory of a word per block; no order is computed.

    Examples
    --------
    >>> schedule = plan(np.array([3, 3]), 8, 0)
    >>> schedule.n_epochs, schedule.epoch_tokens
    (2, 6)
    >>> plan(np.array([3, 5]), 8, 0, repeats=np.array([2, 0])).epoch_tokens
    6
    """
    times = np.broadcast_to(np.int64(1), np.shape(token_counts)) if repeats is None else repeats
    _check(token_counts, times, train_tokens, segment_tokens)
    block_tokens = _block_tokens(token_counts, times, shuffle.block_documents)
    if not block_tokens.sum():
        raise SettingError(
            f"train_tokens={train_tokens} over a mixture of 0 documents; raise its target_fraction, or "
            "loosen its limits"
        )
    return Schedule(token_counts, times, block_tokens, train_tokens, seed, segment_tokens, shuffle)


def _check(
    token_counts: NDArray[np.integer],
    repeats: NDArray[np.integer],
    train_tokens: int,
    segment_tokens: int | None,
) -> None:
    """Refuse a budget that cannot be spent."""
    if token_counts.ndim != 1 or token_counts.shape != repeats.shape:
        raise ArrayError(
            f"token_counts{list(token_counts.shape)} and repeats{list(repeats.shape)} must hold a value per "
            "document"
        )
    if segment_tokens is not None and segment_tokens < 1:
        raise SettingError(f"segment_tokens={segment_tokens}; at least 1 is needed")
    if train_tokens < 1:
        raise SettingError(f"train_tokens={train_tokens}; at least 1 is needed")


def _block_tokens(
    token_counts: NDArray[np.integer], repeats: NDArray[np.integer], block_documents: int
) -> NDArray[np.int64]:
    """Add up what an epoch reads of each block, some blocks at a time."""
    found: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for begin in range(0, len(token_counts), step := block_documents * _BLOCKS_AT_ONCE):
        counts = token_counts[begin : begin + step].astype(np.int64)
        times = repeats[begin : begin + step].astype(np.int64)
        _check_documents(counts, times, begin)
        found.append(np.add.reduceat(counts * times, np.arange(0, len(counts), block_documents)))
    return np.concatenate(found)


def _check_documents(counts: NDArray[np.int64], times: NDArray[np.int64], begin: int) -> None:
    """Refuse documents that cannot be read."""
    if (times < 0).any():
        row = int(np.flatnonzero(times < 0)[0])
        raise ArrayError(f"repeats of row {begin + row} are {times[row]}; a document is read 0 times or more")
    empty = np.flatnonzero((times > 0) & (counts < 1))
    if empty.size:
        raise SettingError(
            f"{empty.size} of {len(counts)} documents have no tokens (row {begin + empty[0]} has "
            f"{counts[empty[0]]}); leave them out of the mixture"
        )

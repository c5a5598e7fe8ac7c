"""What a group of documents is read in: a document at once, a long one in pieces, each at its own place."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from guyot.train.epoch_order import EpochOrder


class Segments(NamedTuple):
    """Parts of documents, in the order in which they are read, int64[m] each.

    rows : the document
    copies : which reading of it in this epoch, from 0
    first_tokens, n_tokens : its tokens [first_token, first_token + n_tokens)
    """

    rows: NDArray[np.int64]
    copies: NDArray[np.int64]
    first_tokens: NDArray[np.int64]
    n_tokens: NDArray[np.int64]


def group_segments(
    order: EpochOrder,
    group: int,
    token_counts: NDArray[np.integer],
    repeats: NDArray[np.integer],
    segment_tokens: int | None,
) -> Segments:
    """List what a group of an epoch reads, in order.

    Parameters
    ----------
    token_counts : int[n], of all documents
    repeats : int[n], how often the epoch reads each; of a document that is read twice, each reading has
        places of its own
    segment_tokens : a longer document is read in pieces of so many tokens; None: whole

    Notes
    -----
    O(documents and pieces of the group). Places are given to all documents, also to those that are read 0
    times: what two mixtures of the same documents both read, they read in the same relative order.
    """
    rows = order.rows(group)
    counts, times = np.asarray(token_counts[rows], np.int64), np.asarray(repeats[rows], np.int64)
    pieces = np.maximum(1, -(-counts // segment_tokens)) if segment_tokens else np.ones(len(rows), np.int64)
    begins = np.cumsum(pieces) - pieces  # of each document, among the pieces of the group
    n_pieces, most = int(pieces.sum()), int(times.max(initial=0))
    places: list[NDArray[np.int64]] = []
    found: list[tuple[NDArray[np.int64], ...]] = []
    for copy in range(most):
        read = np.flatnonzero(times > copy)
        members, number = _repeated(read, pieces[read])
        places.append(order.mixing(group, n_pieces, copy).places(begins[members] + number) * most + copy)
        first = number * (segment_tokens or 0)
        sizes = np.minimum(segment_tokens, counts[members] - first) if segment_tokens else counts[members]
        found.append((rows[members], np.full(len(members), copy), first, sizes))
    if not found:
        return Segments(*(np.zeros(0, np.int64) for _ in Segments._fields))
    chosen = _ranked(np.concatenate(places), n_pieces * most)
    return Segments(*(np.concatenate(parts)[chosen] for parts in zip(*found, strict=True)))


def _repeated(
    values: NDArray[np.int64], times: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Repeat each value, and number its repetitions from 0."""
    first = np.cumsum(times) - times
    repeated = np.repeat(values, times)
    return repeated, np.arange(len(repeated)) - np.repeat(first, times)


def _ranked(places: NDArray[np.int64], n_places: int) -> NDArray[np.int64]:
    """Return the numbers of different places in ascending order, without a sort where they are dense."""
    if n_places > 4 * len(places):
        return np.argsort(places)
    at = np.full(n_places, -1, np.int64)
    at[places] = np.arange(len(places))
    return at[at >= 0]

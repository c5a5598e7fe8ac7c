"""The tokens that a training reads, in the order of its schedule."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from assets.train.inputs.stored_tokens import stored_tokens
from guyot.train.schedule import Schedule, segments
from resources.lake.manifest import Manifest


def segment_tokens(
    reader: TableReader,
    snapshot: Snapshot,
    tokenizer: Manifest,
    ids: NDArray[np.bytes_],
    schedule: Schedule,
) -> Iterator[NDArray[np.int32]]:
    """Read what a schedule visits, then yield the token ids of its segments in order.

    Parameters
    ----------
    ids : S32[n], doc_ids of the schedule's rows

    Raises
    ------
    MissingError : a shard's tokens are not there, or another tokenizer's.
    """
    found = _longest_segments(reader, snapshot, tokenizer, ids, schedule)
    return (found[one.row, one.first_token][: one.n_tokens] for one in segments(schedule))


def _longest_segments(
    reader: TableReader,
    snapshot: Snapshot,
    tokenizer: Manifest,
    ids: NDArray[np.bytes_],
    schedule: Schedule,
) -> dict[tuple[int, int], NDArray[np.int32]]:
    """Read what a schedule visits: by (row, first token) its longest segment; the budget bounds it."""
    wanted: dict[int, dict[int, int]] = {}
    for segment in segments(schedule):
        firsts = wanted.setdefault(segment.row, {})
        firsts[segment.first_token] = max(firsts.get(segment.first_token, 0), segment.n_tokens)
    visited = np.array(list(wanted), np.int64)
    visited = visited[np.argsort(ids[visited])]
    found: dict[tuple[int, int], NDArray[np.int32]] = {}
    for place, tokens in stored_tokens(reader, snapshot, tokenizer, ids[visited]):
        row = int(visited[place])
        for first, n_tokens in wanted[row].items():
            found[row, first] = tokens[first : first + n_tokens].copy()
    return found

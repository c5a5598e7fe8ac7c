"""Brings highest similarities up to date, list by list, reading only the lists with a change."""

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from assets.cluster.scoring.cluster_members import VectorRequest, read_vectors
from assets.cluster.scoring.comparison_lists import ComparisonListReader, lists_of
from assets.cluster.scoring.score_changes import Changes
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.cut import NO_WITNESS
from guyot.narrow import row_type
from guyot.prune.near_duplicates.comparison_lists import Lists
from guyot.prune.near_duplicates.incremental_maxima import updated_maxima
from guyot.prune.near_duplicates.maxima import NearestPredecessors
from guyot.vectors.threads import one_blas_thread
from resources.engines.threads import Engine
from resources.progress import tracked

_ENTRIES_AT_ONCE = 1 << 16  # of which temporary arrays are made


@dataclasses.dataclass(frozen=True)
class BucketUpdate:
    """Adjacent lists with a change; plain values, of which witnesses are rows of the bucket."""

    vectors: VectorRequest
    groups: list[int]
    previous: NearestPredecessors
    fresh: NDArray[np.bool_]
    orphaned: NDArray[np.bool_]
    block_rows: int


def update_bucket(bucket: BucketUpdate) -> NearestPredecessors:
    """Return the maxima of a bucket of lists, from the last ones and the vectors."""
    return updated_maxima(
        read_vectors(bucket.vectors), bucket.groups, bucket.previous, bucket.fresh, bucket.orphaned,
        block_rows=bucket.block_rows,
    )  # fmt: skip


def update(
    reader: TableReader, engine: Engine, snapshot: Snapshot, changes: Changes,
    n_clusters: int, mode: str, block_rows: int,
) -> tuple[NearestPredecessors, int]:  # fmt: skip
    """Update the maxima of every list that has a change.

    A list is of a cluster's members and border documents, or with all pairs of everything. Lists without a
    change keep their numbers, and their vectors are not read.

    Returns
    -------
    The maxima of all entries, and how many lists had a change.
    """
    documents, known = changes.scored.documents, changes.scored.entries
    lists = lists_of(documents, n_clusters, mode)
    entries = lists.entries
    fresh, orphaned = changes.fresh[lists.document], changes.orphaned[entries]
    last = _by_place(known, entries, lists)  # of a bucket until its results are here
    touched = _touched(fresh, orphaned, lists.begins)
    compared = ComparisonListReader(reader, snapshot, documents, lists, touched, n_clusters)
    bucket_updates = _bucket_updates(compared, lists, last, fresh, orphaned, block_rows)
    buckets = compared.buckets
    results = engine.map(update_bucket, bucket_updates)
    results = tracked(results, "similarities", len(buckets), "buckets of clusters")
    with one_blas_thread():  # once for all lists: each search by itself would set it anew
        for bucket, found in zip(buckets, results, strict=True):
            span = compared.span(bucket)
            last.similarity[span] = found.similarity
            last.witness[span] = np.where(found.witness == NO_WITNESS, NO_WITNESS, found.witness + span.start)
    del compared, bucket_updates, fresh, orphaned
    updated = NearestPredecessors(
        np.empty(len(entries), np.float32), np.empty(len(entries), row_type(len(documents)))
    )
    for begin in range(0, len(entries), _ENTRIES_AT_ONCE):
        some = slice(begin, begin + _ENTRIES_AT_ONCE)
        place = last.witness[some]
        updated.similarity[entries[some]] = last.similarity[some]
        updated.witness[entries[some]] = np.where(place == NO_WITNESS, NO_WITNESS, lists.document[place])
    return updated, len(touched)


def _by_place(known: NearestPredecessors, entries: NDArray[np.int32], lists: Lists) -> NearestPredecessors:
    """Put what is known of entries in the order of the lists; of witnesses their places there."""
    found = NearestPredecessors(known.similarity[entries], np.full(len(entries), NO_WITNESS, entries.dtype))
    for begin in range(0, len(entries), _ENTRIES_AT_ONCE):
        had = known.witness[entries[begin : begin + _ENTRIES_AT_ONCE]]
        some = np.flatnonzero(had != NO_WITNESS)
        found.witness[begin + some] = lists.places_beside(had[some], begin + some)
    return found


def _touched(fresh: NDArray[np.bool_], orphaned: NDArray[np.bool_], begins: list[int]) -> list[int]:
    """List the lists with a change."""
    has_change, begin_of = np.zeros(len(begins) - 1, np.bool_), np.asarray(begins)
    for begin in range(0, len(fresh), _ENTRIES_AT_ONCE):
        some = slice(begin, begin + _ENTRIES_AT_ONCE)
        changed = begin + np.flatnonzero(fresh[some] | orphaned[some])
        has_change[np.searchsorted(begin_of, changed, side="right") - 1] = True
    return np.flatnonzero(has_change).tolist()


def _bucket_updates(
    compared: ComparisonListReader, lists: Lists, last: NearestPredecessors,
    fresh: NDArray[np.bool_], orphaned: NDArray[np.bool_], block_rows: int,
) -> Iterator[BucketUpdate]:  # fmt: skip
    """State the work of each bucket; all arrays are by place."""
    for bucket in compared.buckets:
        span = compared.span(bucket)
        witness = np.maximum(last.witness[span].astype(np.int64) - span.start, NO_WITNESS)
        yield BucketUpdate(
            compared.request(bucket),
            [int(lists.begins[number]) - span.start for number in (*bucket, bucket[-1] + 1)],
            NearestPredecessors(last.similarity[span], witness),
            fresh[span],
            orphaned[span],
            block_rows,
        )

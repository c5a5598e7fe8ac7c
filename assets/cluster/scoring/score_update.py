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
from guyot.prune.near_duplicates.comparison_lists import Lists
from guyot.prune.near_duplicates.incremental_maxima import updated_maxima
from guyot.prune.near_duplicates.maxima import NearestPredecessors
from guyot.vectors.threads import one_blas_thread
from resources.engines.threads import Engine
from resources.progress import tracked


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
    similarity, had = known.similarity[entries], known.witness[entries]
    beside = lists.places_beside(had, np.arange(len(had)))
    witness = np.where(had == NO_WITNESS, NO_WITNESS, beside)  # places, as long as they are compared
    changed = np.searchsorted(lists.begins, np.flatnonzero(fresh | orphaned), side="right") - 1
    touched = np.unique(changed).tolist()
    compared = ComparisonListReader(reader, snapshot, documents, lists, touched, n_clusters)
    last = NearestPredecessors(similarity, witness)  # of a bucket until its results are here
    bucket_updates = _bucket_updates(compared, lists, last, fresh, orphaned, block_rows)
    buckets = compared.buckets
    results = engine.map(update_bucket, bucket_updates)
    results = tracked(results, "similarities", len(buckets), "buckets of clusters")
    with one_blas_thread():  # once for all lists: each search by itself would set it anew
        for bucket, found in zip(buckets, results, strict=True):
            span = compared.span(bucket)
            similarity[span] = found.similarity
            witness[span] = np.where(found.witness == NO_WITNESS, NO_WITNESS, found.witness + span.start)
    updated = NearestPredecessors(np.empty_like(known.similarity), np.empty_like(known.witness))
    updated.similarity[entries] = similarity
    updated.witness[entries] = np.where(witness == NO_WITNESS, NO_WITNESS, lists.document[witness])
    return updated, len(touched)


def _bucket_updates(
    compared: ComparisonListReader, lists: Lists, last: NearestPredecessors,
    fresh: NDArray[np.bool_], orphaned: NDArray[np.bool_], block_rows: int,
) -> Iterator[BucketUpdate]:  # fmt: skip
    """State the work of each bucket; all arrays are by place."""
    for bucket in compared.buckets:
        span = compared.span(bucket)
        witness = np.maximum(last.witness[span] - span.start, NO_WITNESS)
        yield BucketUpdate(
            compared.request(bucket),
            [int(lists.begins[number]) - span.start for number in (*bucket, bucket[-1] + 1)],
            NearestPredecessors(last.similarity[span], witness),
            fresh[span],
            orphaned[span],
            block_rows,
        )

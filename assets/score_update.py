"""Brings highest similarities up to date, group by group, reading only the clusters with a change."""

import contextlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from assets.cluster_members import ClusterMembers
from assets.placed import Placed
from assets.score_changes import Changes
from assets.snapshot import Snapshot
from guyot.cut import NO_WITNESS
from guyot.prune.increment import updated_maxima
from guyot.prune.semdedup import EarlierMaxima, rank
from resources.engine import Engine
from resources.progress import tracked
from resources.settings import Settings
from resources.store import Store

BUCKET_ROWS = 16_384  # documents of adjacent clusters that are read together


def update(
    store: Store, settings: Settings, engine: Engine, taken: Snapshot, changes: Changes,
    n_clusters: int, *, all_pairs: bool,
) -> int:  # fmt: skip
    """Bring the maxima of every group with a change up to date, in place; count these groups.

    A group is a cluster, or with `all_pairs` everything. Groups without a change keep their numbers,
    and their vectors are not read.
    """
    documents = changes.scored.documents
    ranked, begins = _visits(documents, n_clusters, all_pairs=all_pairs)
    place = np.empty(len(ranked), np.int64)
    place[ranked] = np.arange(len(ranked))
    fresh, orphaned = changes.fresh[ranked], changes.orphaned[ranked]
    had = changes.scored.maxima.witness[ranked]
    similarity = changes.scored.maxima.similarity[ranked]
    witness = np.where(had == NO_WITNESS, NO_WITNESS, place[had])  # places, as long as they are compared
    members = ClusterMembers(store, taken, documents, place)

    def work(groups: list[int]) -> None:
        span = slice(begins[groups[0]], begins[groups[-1] + 1])
        clusters = (0, n_clusters) if all_pairs else (groups[0], groups[-1] + 1)
        vectors = members.read(*clusters, span.start, span.stop - span.start)
        found = updated_maxima(
            vectors,
            [begins[number] - span.start for number in (*groups, groups[-1] + 1)],
            EarlierMaxima(similarity[span], np.maximum(witness[span] - span.start, NO_WITNESS)),
            fresh[span],
            orphaned[span],
            block_rows=settings.block_rows,
        )
        similarity[span] = found.similarity
        witness[span] = np.where(found.witness == NO_WITNESS, NO_WITNESS, found.witness + span.start)

    changed = np.searchsorted(begins, np.flatnonzero(fresh | orphaned), side="right") - 1
    touched = np.unique(changed).tolist()
    buckets = list(_buckets(touched, np.diff(begins).tolist()))
    # clusters are many and small: BLAS's own threads would only wait for one another
    with contextlib.nullcontext() if all_pairs else threadpool_limits(1, "blas"):
        for _ in tracked(engine.map(work, buckets), "similarities", len(buckets), "buckets of clusters"):
            pass
    changes.scored.maxima.similarity[ranked] = similarity
    changes.scored.maxima.witness[ranked] = np.where(witness == NO_WITNESS, NO_WITNESS, ranked[witness])
    return len(touched)


def _visits(documents: Placed, n_clusters: int, *, all_pairs: bool) -> tuple[NDArray[np.int64], list[int]]:
    """Order documents by group and rank, and say where each group begins; the last number is the end."""
    ranked = rank(documents.distance)
    if all_pairs:
        return ranked, [0, len(ranked)]
    cluster = documents.cluster[ranked]
    # stable, so that ranks stay; narrow integers are sorted several times faster
    order = np.argsort(cluster.astype(np.min_scalar_type(n_clusters)), kind="stable")
    return ranked[order], np.searchsorted(cluster[order], np.arange(n_clusters + 1)).tolist()


def _buckets(touched: list[int], sizes: list[int]) -> Iterator[list[int]]:
    """Join adjacent groups up to a number of documents; a larger group has a bucket to itself."""
    bucket: list[int] = []
    n_rows = 0
    for number in touched:
        if bucket and (number != bucket[-1] + 1 or n_rows + sizes[number] > BUCKET_ROWS):
            yield bucket
            bucket, n_rows = [], 0
        bucket.append(number)
        n_rows += sizes[number]
    if bucket:
        yield bucket

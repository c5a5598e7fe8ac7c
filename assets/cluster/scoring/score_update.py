"""Brings highest similarities up to date, list by list, reading only the lists with a change."""

import contextlib

import numpy as np
from threadpoolctl import threadpool_limits

from assets.cluster.scoring.comparison_lists import ALL_PAIRS, ComparisonListReader, lists_of
from assets.cluster.scoring.score_changes import Changes
from assets.graph.snapshot import Snapshot
from guyot.cut import NO_WITNESS
from guyot.prune.near_duplicates.incremental_maxima import updated_maxima
from guyot.prune.near_duplicates.maxima import NearestPredecessors
from resources.engines.threads import Engine
from resources.lake.store import Store
from resources.progress import tracked
from resources.settings import Settings


def update(
    store: Store, settings: Settings, engine: Engine, taken: Snapshot, changes: Changes,
    n_clusters: int, mode: str,
) -> int:  # fmt: skip
    """Bring the maxima of every list with a change up to date, in place; count these lists.

    A list is of a cluster's members and visitors, or with all pairs of everything. Lists without a change
    keep their numbers, and their vectors are not read.
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
    compared = ComparisonListReader(store, taken, documents, lists, touched, n_clusters)

    def work(bucket: list[int]) -> None:
        span = compared.span(bucket)
        found = updated_maxima(
            compared.read(bucket),
            [lists.begins[number] - span.start for number in (*bucket, bucket[-1] + 1)],
            NearestPredecessors(similarity[span], np.maximum(witness[span] - span.start, NO_WITNESS)),
            fresh[span],
            orphaned[span],
            block_rows=settings.block_rows,
        )
        similarity[span] = found.similarity
        witness[span] = np.where(found.witness == NO_WITNESS, NO_WITNESS, found.witness + span.start)

    buckets = compared.buckets
    # clusters are many and small: BLAS's own threads would only wait for one another
    with contextlib.nullcontext() if mode == ALL_PAIRS else threadpool_limits(1, "blas"):
        for _ in tracked(engine.map(work, buckets), "similarities", len(buckets), "buckets of clusters"):
            pass
    known.similarity[entries] = similarity
    known.witness[entries] = np.where(witness == NO_WITNESS, NO_WITNESS, lists.document[witness])
    return len(touched)

"""The lists within which cluster_scores compares documents, for methods that look at pairs."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from assets import scored, snapshot
from assets.cluster_members import ClusterMembers
from guyot.prune.semdedup import rank
from resources.manifest import Manifest
from resources.store import Store


class Compared:
    """A version of cluster_scores, list by list; rows are counted as in its table, by doc_id."""

    def __init__(self, store: Store, scores: Manifest) -> None:
        self._store, self._scores = store, scores

    def lists(
        self, wanted: NDArray[np.bool_] | None = None
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield (rows in visiting order, vectors): the one list of all, or cluster after cluster."""
        documents = scored.read(self._store, self._scores).documents
        ranked = rank(documents.distance)
        whole = self._scores.facts["mode"] == "all_pairs"
        cluster = documents.cluster[ranked]
        order = ranked if whole else ranked[np.argsort(cluster, kind="stable")]
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        members = ClusterMembers(self._store, snapshot.of(self._scores), documents, place)
        n_clusters = self._store.table(self._scores, scored.CLUSTERS, ["cluster"]).num_rows
        if whole:
            if len(order) and (wanted is None or wanted.any()):
                yield order, members.read(0, n_clusters, 0, len(order))
            return
        begins = np.searchsorted(documents.cluster[order], np.arange(n_clusters + 1)).tolist()
        for number, (begin, end) in enumerate(zip(begins, begins[1:], strict=False)):
            rows = order[begin:end]
            if len(rows) and (wanted is None or wanted[rows].any()):
                yield rows, members.read(number, number + 1, begin, end - begin)

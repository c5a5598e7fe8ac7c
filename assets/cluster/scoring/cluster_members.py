"""The vectors of comparison lists: members from one range of each shard's sorted copy, visitors gathered."""

import numpy as np
from numpy.typing import NDArray

from assets.cluster.scoring.border_documents import gather
from assets.cluster.scoring.document_locations import DocumentLocations
from assets.graph.snapshot import Snapshot
from guyot.errors import CorruptError
from guyot.prune.near_duplicates.comparison_lists import Lists
from resources.lake.store import Store


class ClusterMembers:
    """The vectors of a snapshot's placed documents, as their lists order them.

    wanted : bool[m], the places that will be read; their visitors' vectors are read at once
    """

    def __init__(
        self,
        store: Store,
        taken: Snapshot,
        placed: DocumentLocations,
        lists: Lists,
        wanted: NDArray[np.bool_],
    ) -> None:
        manifests = taken.manifests(store, "cluster_assignments")
        sizes = np.array([manifest.rows for manifest in manifests])
        begins = np.cumsum(sizes) - sizes
        everywhere = np.full(sizes.sum(), -1, np.int64)  # where no document of ours is: held out
        everywhere[begins[placed.shard] + placed.row] = lists.own
        self._shards = [
            (store.vectors(manifest), everywhere[begin : begin + manifest.rows], manifest.facts["offsets"])
            for manifest, begin in zip(manifests, begins.tolist(), strict=True)
        ]
        border = lists.visiting[placed.border_documents]
        self._border_documents = np.sort(border[wanted[border]])
        self._border_vectors = gather(
            [vectors for vectors, _, _ in self._shards], placed, lists.document[self._border_documents]
        )

    def read(self, begin: int, end: int, first: int, n_entries: int) -> NDArray[np.float16]:
        """Read the lists of the clusters [begin, end): of members one range of each shard.

        Parameters
        ----------
        first, n_entries : the place of their first entry, and how many they have

        Returns
        -------
        float16[n_entries, d]

        Raises
        ------
        CorruptError : a shard's clusters do not lie where its manifest says, or the list was not wanted.
        """
        found = np.zeros((n_entries, self._shards[0][0].shape[1]), np.float16)
        n_read = 0
        for vectors, place, offsets in self._shards:
            span = slice(offsets[begin], offsets[end])
            if span.start < span.stop:
                here = place[span]
                block, some = np.asarray(vectors[span]), here >= 0
                found[here[some] - first] = block if some.all() else block[some]
                n_read += np.count_nonzero(some)
        here = slice(*np.searchsorted(self._border_documents, [first, first + n_entries]).tolist())
        found[self._border_documents[here] - first] = self._border_vectors[here]
        n_read += here.stop - here.start
        if n_read != n_entries:
            raise CorruptError(
                f"clusters {begin} to {end - 1} have {n_entries} members and visitors; the vectors of "
                f"{n_read} were found; materialize cluster_assignments again"
            )
        return found

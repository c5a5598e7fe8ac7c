"""A snapshot's vectors cluster by cluster: one contiguous range of each shard's sorted copy."""

import numpy as np
from numpy.typing import NDArray

from assets.placed import Placed
from assets.snapshot import Snapshot
from resources.store import Store


class ClusterMembers:
    """The vectors of a snapshot's placed documents, in an order of one's own that goes cluster by cluster.

    place : int64[n], each document's number in that order
    """

    def __init__(self, store: Store, taken: Snapshot, placed: Placed, place: NDArray[np.int64]) -> None:
        manifests = taken.manifests(store, "cluster_assignments")
        sizes = np.array([manifest.rows for manifest in manifests])
        begins = np.cumsum(sizes) - sizes
        everywhere = np.full(sizes.sum(), -1, np.int64)  # where no document of ours is: held out
        everywhere[begins[placed.shard] + placed.row] = place
        self._shards = [
            (store.vectors(manifest), everywhere[begin : begin + manifest.rows], manifest.facts["offsets"])
            for manifest, begin in zip(manifests, begins.tolist(), strict=True)
        ]

    def read(self, begin: int, end: int, first: int, n_documents: int) -> NDArray[np.float16]:
        """Read the clusters [begin, end), one range of each shard, in the order asked for.

        Parameters
        ----------
        first, n_documents : the number of their first document in that order, and how many they have

        Returns
        -------
        float16[n_documents, d]
        """
        found = np.zeros((n_documents, self._shards[0][0].shape[1]), np.float16)
        for vectors, place, offsets in self._shards:
            span = slice(offsets[begin], offsets[end])
            if span.start < span.stop:
                here = place[span]
                block, some = np.asarray(vectors[span]), here >= 0
                found[here[some] - first] = block if some.all() else block[some]
        return found

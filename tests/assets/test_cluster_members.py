"""Members of clusters: the vectors that the assignments name, in the order asked for."""

import numpy as np
import pytest

from assets import snapshot
from assets.cluster_members import ClusterMembers
from assets.placed import place
from guyot.seeds import generator
from jobs.run import Lake


@pytest.mark.parametrize("seed", [0, 1])
def test_vectors_come_in_the_order_asked_for(lake: Lake, seed: int) -> None:
    taken = snapshot.take(lake.store)
    documents = place(lake.store, taken, taken.names)
    vectors: dict[bytes, np.ndarray] = {}
    for manifest in taken.manifests(lake.store, "embeddings"):
        ids = snapshot.ids_of(lake.store.table(manifest)["doc_id"])
        vectors.update(zip(ids.tolist(), lake.store.vectors(manifest)[:], strict=True))
    assert len(vectors) > len(documents)  # some are held out
    n_clusters = lake.store.required("centroids").rows
    order = np.lexsort((generator(seed, "order").random(len(documents)), documents.cluster))
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    members = ClusterMembers(lake.store, taken, documents, number)
    begins = np.searchsorted(documents.cluster[order], np.arange(n_clusters + 1))
    for begin, end in [(c, c + 1) for c in range(n_clusters)] + [(0, n_clusters), (2, 5), (3, 3)]:
        first, last = begins[begin], begins[end]
        found = members.read(begin, end, int(first), int(last - first))
        wanted = [vectors[i] for i in documents.ids[order[first:last]].tolist()]
        assert found.dtype == np.float16
        assert found.tolist() == [vector.tolist() for vector in wanted]

"""Clustering again looks at the survivors alone."""

import numpy as np
import pytest
from support.corpus import Blocks, planted_clusters, some_units

from guyot.cluster.kmeans import KMeansSettings
from guyot.cluster.recluster import reclustered
from guyot.seeds import generator
from guyot.vectors import threads


def test_reclustering_sees_the_survivors_alone() -> None:
    vectors, planted = planted_clusters(n_clusters=3, members=40)
    ids = generator(0, "ids").integers(0, 2**63, len(vectors)).astype(np.uint64)
    alive = planted < 2
    found = reclustered(Blocks(vectors, 17), ids, alive, KMeansSettings(2, 20, 256, 0))
    distance = found.distance
    assert np.isnan(distance[~alive]).all()
    assert (found.cluster[~alive] == -1).all()
    assert len(set(zip(found.cluster[alive].tolist(), planted[alive].tolist(), strict=True))) == 2
    assert distance[alive].max() < 0.1  # both clusters have a centroid of their own


def test_blocks_and_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = some_units(500, 16)
    ids, alive = np.arange(500, dtype=np.uint64), generator(0, "alive").uniform(size=500) < 0.7
    found = []
    for n_cores, block_rows in ((1, 500), (1, 17), (3, 17)):
        monkeypatch.setattr(threads, "n_cores", lambda n_cores=n_cores: n_cores)
        found.append(reclustered(Blocks(vectors, block_rows), ids, alive, KMeansSettings(9, 4, 20, 0)))
    for other in found[1:]:
        assert other.cluster.tolist() == found[0].cluster.tolist()
        assert other.distance.tobytes() == found[0].distance.tobytes()

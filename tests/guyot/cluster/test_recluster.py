"""Clustering again looks at the survivors alone."""

import numpy as np
from support.corpus import Blocks, planted_clusters

from guyot.cluster.kmeans import KMeansSettings
from guyot.cluster.recluster import reclustered
from guyot.seeds import generator


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

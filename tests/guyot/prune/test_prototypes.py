"""Prototypes: hard and easy by hand; clustering again looks at the survivors alone."""

import numpy as np
from tests_corpus import Blocks, planted_clusters

from guyot.cluster.kmeans import KMeansSettings
from guyot.prune.prototypes import Prototypes, distance_after_reclustering, prototypes_scores
from guyot.seeds import generator


def test_hard_keeps_the_far_and_easy_the_near() -> None:
    distance = np.array([0.25, 0.75], np.float32)
    assert prototypes_scores(distance, Prototypes()).values.tolist() == [0.25, 0.75]
    assert prototypes_scores(distance, Prototypes(keep="easy")).values.tolist() == [-0.25, -0.75]


def test_reclustering_sees_the_survivors_alone() -> None:
    vectors, planted = planted_clusters(n_clusters=3, members=40)
    ids = generator(0, "ids").integers(0, 2**63, len(vectors)).astype(np.uint64)
    alive = planted < 2
    distance = distance_after_reclustering(Blocks(vectors, 17), ids, alive, KMeansSettings(2, 20, 256, 0))
    assert np.isnan(distance[~alive]).all()
    assert distance[alive].max() < 0.1  # both clusters have a centroid of their own

"""K-means by all centroids; what it gives is tested with guyot.cluster.kmeans, which checks its sample."""

import numpy as np
from support.corpus import planted_clusters, some_units

from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.cluster.spherical_kmeans import spherical_kmeans


def test_it_is_what_few_centroids_are_made_by() -> None:
    vectors, _ = planted_clusters(n_clusters=4, members=50)
    settings = KMeansSettings(4, 20, 256, 0)
    mine, checked = spherical_kmeans(vectors, settings), kmeans(vectors, settings)
    assert mine.groups is None
    assert mine.vectors.tobytes() == checked.vectors.tobytes()
    assert np.array_equal(mine.sample_members, checked.sample_members)


def test_documents_that_are_their_own_centroids_have_all_their_cosines() -> None:
    vectors = some_units(30, 8)
    found = spherical_kmeans(vectors, KMeansSettings(30, 5, 64, 0))
    assert found.objective == (30.0,)
    assert spherical_kmeans(vectors[:1], KMeansSettings(1, 5, 64, 0)).objective == (1.0,)

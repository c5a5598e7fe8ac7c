"""K-means by all centroids; what it gives is tested with guyot.cluster.kmeans, which checks its sample."""

import numpy as np
from support.corpus import planted_clusters

from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.cluster.spherical_kmeans import spherical_kmeans


def test_it_is_what_few_centroids_are_made_by() -> None:
    vectors, _ = planted_clusters(n_clusters=4, members=50)
    settings = KMeansSettings(4, 20, 256, 0)
    mine, checked = spherical_kmeans(vectors, settings), kmeans(vectors, settings)
    assert mine.groups is None
    assert mine.vectors.tobytes() == checked.vectors.tobytes()
    assert np.array_equal(mine.sample_members, checked.sample_members)

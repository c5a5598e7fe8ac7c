"""Geometry by hand: sizes, spreads, gaps, and what an empty or lonely cluster has."""

import numpy as np

from guyot.cluster.geometry import geometry
from guyot.vectors.exact import unit_float16


def test_geometry_by_hand() -> None:
    centroids = unit_float16(np.array([[1, 0, 0], [0, 1, 0], [-1, 0, 0]], np.float32))
    cluster = np.array([0, 0, 1], np.int32)
    shape = geometry(cluster, np.array([0.1, 0.3, 0.5], np.float32), centroids, n_neighbours=1)
    assert shape.size.tolist() == [2, 1, 0]
    assert np.allclose(shape.spread[:2], [0.2, 0.5])
    assert np.isnan(shape.spread[2])
    assert shape.gap.tolist() == [1.0, 1.0, 1.0]
    both = geometry(cluster, np.array([0.1, 0.3, 0.5], np.float32), centroids, n_neighbours=2)
    assert both.gap.tolist() == [1.5, 1.0, 1.5]
    assert np.allclose(both.complexity[:2], [0.3, 0.5])


def test_a_lonely_cluster_has_no_gap() -> None:
    shape = geometry(
        np.array([0], np.int32), np.array([0.5], np.float32), unit_float16(np.eye(1, 2, dtype=np.float32))
    )
    assert np.isnan(shape.gap[0])

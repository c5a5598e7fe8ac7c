"""Many centroids: group by group, as many as were asked for, near what all at once would give."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.corpus import planted_clusters, some_units
from threadpoolctl import threadpool_limits

from guyot.cluster import kmeans as module
from guyot.cluster.assign import assign
from guyot.cluster.grouped_kmeans import grouped_kmeans, shares
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.cluster.spherical_kmeans import spherical_kmeans

SETTINGS = KMeansSettings(36, 10, 64, 0)


def test_planted_clusters_are_found() -> None:
    vectors, planted = planted_clusters(n_clusters=16, members=40)
    found = grouped_kmeans(vectors, dataclasses.replace(SETTINGS, n_clusters=16))
    assert found.groups is not None
    nearest = assign(vectors, found.vectors, groups=found.groups).cluster
    assert len(found.vectors) == 16 == len(found.sample_members)
    purity = sum(np.bincount(nearest[planted == one]).max() for one in range(16)) / len(vectors)
    assert purity > 0.9


def test_centroids_lie_in_groups_and_count_their_sample() -> None:
    sample = some_units(1500, 24, 1)
    found = grouped_kmeans(sample, SETTINGS)
    groups = found.groups
    assert groups is not None
    assert len(groups.vectors) == 6
    assert (np.diff(groups.begins) > 0).all()
    assert groups.begins[[0, -1]].tolist() == [0, 36]
    own = assign(sample, groups.vectors).cluster
    in_groups = [
        found.sample_members[a:b].sum() for a, b in zip(groups.begins, groups.begins[1:], strict=False)
    ]
    assert in_groups == np.bincount(own).tolist()
    assert groups.recall[groups.probe_margin] >= 0.95


def test_the_objective_is_near_that_of_all_centroids_at_once() -> None:
    sample, _ = planted_clusters(n_clusters=60, members=30, width=64)
    many, one = grouped_kmeans(sample, SETTINGS).objective, spherical_kmeans(sample, SETTINGS).objective
    assert many[-1] >= many[0]
    assert many[-1] == pytest.approx(one[-1], rel=0.03)


def test_bytes_are_the_same_at_any_thread_count() -> None:
    sample = some_units(1500, 24, 1)
    with threadpool_limits(2):
        two = grouped_kmeans(sample, SETTINGS)
    with threadpool_limits(1):
        one = grouped_kmeans(sample, SETTINGS)
    assert one.vectors.tobytes() == two.vectors.tobytes()
    assert one.groups is not None
    assert two.groups is not None
    assert one.groups.vectors.tobytes() == two.groups.vectors.tobytes()
    assert (one.groups.probe_margin, one.groups.recall) == (two.groups.probe_margin, two.groups.recall)


def test_equal_documents_do_not_break_it() -> None:
    found = grouped_kmeans(np.repeat(some_units(1, 8), 50, axis=0), SETTINGS)
    assert np.isfinite(found.vectors).all()
    assert len(found.vectors) == 36


def test_only_many_centroids_lie_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = some_units(200, 8, 1)
    monkeypatch.setattr(module, "MAX_UNGROUPED", 36)
    assert kmeans(sample, SETTINGS).groups is None
    assert kmeans(sample, dataclasses.replace(SETTINGS, n_clusters=37)).groups is not None
    assert kmeans(sample[:36], dataclasses.replace(SETTINGS, n_clusters=37)).groups is None


def test_shares_by_hand() -> None:
    assert shares(np.array([10, 10, 10]), 3).tolist() == [1, 1, 1]
    assert shares(np.array([1, 1, 8]), 6).tolist() == [1, 1, 4]
    assert shares(np.array([3, 2]), 5).tolist() == [3, 2]
    assert shares(np.array([4, 4, 4]), 5).tolist() == [2, 2, 1]


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=40), st.floats(0, 1))
def test_shares_sum_to_what_was_asked(sizes: list[int], part: float) -> None:
    total = len(sizes) + int(part * (sum(sizes) - len(sizes)))
    found = shares(np.array(sizes), total)
    assert found.sum() == total
    assert (found >= 1).all()
    assert (found <= sizes).all()

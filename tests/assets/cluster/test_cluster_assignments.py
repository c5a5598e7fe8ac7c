"""Cluster assignments against a loop over documents and centroids, in exact sums of float64."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from support.lake import build_asset, spec_of

from assets.cluster.centroids import GROUPS
from assets.graph.lake import LakeResources
from guyot.cluster import kmeans
from guyot.vectors.exact import unit_float16


def distances(vector: np.ndarray[Any, Any], centroids: np.ndarray[Any, Any]) -> list[np.float32]:
    """Return the cosine distances to each centroid, one pair at a time."""
    wide = vector.astype(np.float64)
    found = []
    for centroid in centroids.astype(np.float64):
        dot = math.fsum((wide * centroid).tolist())
        length = math.sqrt(math.fsum((wide * wide).tolist())) * math.sqrt(
            math.fsum((centroid * centroid).tolist())
        )
        found.append(max(np.float32(0), np.float32(1) - np.float32(dot / length)))
    return found


def check(lake: LakeResources, shard: str) -> None:
    embedded = lake.store.required("embeddings", shard)
    ids = lake.store.table(embedded)["doc_id"].to_pylist()
    vectors = dict(zip(ids, lake.store.vectors(embedded), strict=True))
    centroids = np.array(lake.store.vectors(lake.store.required("centroids")))
    manifest = lake.store.required("cluster_assignments", shard)
    rows = lake.store.table(manifest).to_pylist()
    assert {row["doc_id"] for row in rows} == set(ids)
    assert len(rows) == len(ids)
    for row in rows:
        apart = distances(vectors[row["doc_id"]], centroids)
        first = apart.index(min(apart))
        assert (row["cluster"], row["distance"]) == (first, float(apart[first]))
        others = [(d, c) for c, d in enumerate(apart) if c != first]
        second = min(others) if others else (None, None)
        assert (row["second_distance"], row["second_cluster"]) == second
    assert rows == sorted(rows, key=lambda row: (row["cluster"], row["distance"], row["doc_id"]))
    assert np.array_equal(lake.store.vectors(manifest), np.array([vectors[row["doc_id"]] for row in rows]))
    offsets = manifest.facts["offsets"]
    assert len(offsets) == len(centroids) + 1
    for cluster in range(len(centroids)):
        inside = rows[offsets[cluster] : offsets[cluster + 1]]
        assert [row for row in rows if row["cluster"] == cluster] == inside


def test_every_document_has_its_two_nearest_centroids(lake: LakeResources) -> None:
    assert lake.store.required("centroids").rows > 2
    for shard in lake.shards():
        check(lake, shard)


@pytest.mark.parametrize("chosen", [[3, 1, 3, 1, 0], [2]], ids=["ties", "one"])
def test_ties_go_to_the_lower_cluster_and_one_centroid_leaves_no_second(
    changed: Any, chosen: list[int]
) -> None:
    lake = changed()
    before = np.array(lake.store.vectors(lake.store.required("centroids")))
    with lake.store.write("centroids", "all", inputs={"chosen": str(chosen)}, settings={}, code="") as writer:
        writer.vectors(before[chosen])
        numbers = pa.array(range(len(chosen)), pa.int32())
        writer.table(
            pa.table({"cluster": numbers, "sample_documents": pa.array([0] * len(chosen), pa.int64())})
        )
    shard = lake.shards()[1]
    assert not spec_of(lake, "cluster_assignments", shard).is_live(lake.store)
    build_asset(lake, "cluster_assignments", shard)
    check(lake, shard)
    clusters = set(lake.store.table(lake.store.required("cluster_assignments", shard))["cluster"].to_pylist())
    assert clusters <= ({0, 1, 4} if len(chosen) > 1 else {0})


def test_a_shard_without_documents_has_offsets(changed: Any) -> None:
    lake = changed()
    shard = lake.shards()[0]
    with lake.store.write("embeddings", shard, inputs={}, settings={}, code="") as writer:
        writer.table(pa.table({"doc_id": pa.array([], pa.string())}))
        writer.vectors(unit_float16(np.ones((1, 9), np.float32))[:0])
    build_asset(lake, "cluster_assignments", shard)
    made = lake.store.required("cluster_assignments", shard)
    assert made.rows == 0
    assert made.facts["offsets"] == [0] * (lake.store.required("centroids").rows + 1)


def test_of_many_centroids_those_of_the_nearest_groups_are_looked_at(
    changed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kmeans, "MAX_UNGROUPED", 3)
    lake = changed(clustering__n_clusters=12, block_rows=5)
    build_asset(lake, "centroids")
    made = lake.store.required("centroids")
    fact, groups = made.facts["groups"], np.array(lake.store.vectors(made, GROUPS))
    begins, margin = fact["begins"], np.float32(fact["probe_margin"])
    assert (len(groups), begins[-1], made.rows) == (3, 12, 12)
    centroids = np.array(lake.store.vectors(made))
    for shard in lake.shards():
        build_asset(lake, "cluster_assignments", shard)
        embedded = lake.store.required("embeddings", shard)
        vectors = dict(
            zip(lake.store.table(embedded)["doc_id"].to_pylist(), lake.store.vectors(embedded), strict=True)
        )
        for row in lake.store.table(lake.store.required("cluster_assignments", shard)).to_pylist():
            cosine = [np.float32(1) - apart for apart in distances(vectors[row["doc_id"]], groups)]
            near = [number for number, one in enumerate(cosine) if one >= max(cosine) - margin]
            apart = distances(vectors[row["doc_id"]], centroids)
            inside = sorted((apart[c], c) for g in near for c in range(begins[g], begins[g + 1]))
            assert (row["distance"], row["cluster"]) == inside[0]
            assert (row["second_distance"], row["second_cluster"]) == (*inside[1:2], (None, None))[0]

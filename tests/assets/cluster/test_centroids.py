"""Centroids: of the training documents alone, kept as shards come, made anew only by their settings."""

from typing import Any

import numpy as np
import pytest
from support.lake import build_asset, spec_of

from assets.cluster import centroids
from assets.graph import discover
from assets.graph.lake import LakeResources
from assets.graph.snapshot import Snapshot
from guyot.cluster import kmeans
from guyot.errors import MissingError


def training_vectors(lake: LakeResources) -> np.ndarray[Any, Any]:
    found = []
    for shard in lake.shards():
        raw = lake.store.table(lake.store.required("raw_shards", shard), columns=["split"])[
            "split"
        ].to_pylist()
        vectors = lake.store.vectors(lake.store.required("embeddings", shard)).astype(np.float64)
        found.append(vectors[np.array(raw) == "train"])
    return np.concatenate(found)


def test_centroids_count_the_training_documents_nearest_to_them(lake: LakeResources) -> None:
    manifest = lake.store.required("centroids")
    sample = training_vectors(lake)
    vectors = lake.store.vectors(manifest).astype(np.float64)
    k = round(len(sample) ** 0.5)
    assert vectors.shape == (k, sample.shape[1])
    assert manifest.facts["sample_documents"] == len(sample)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=2e-3)
    cosines = np.sort(sample @ vectors.T, axis=1)
    close = int((cosines[:, -1] - cosines[:, -2] < 1e-3).sum())  # may fall to either, by rounding
    counted = np.bincount((sample @ vectors.T).argmax(axis=1), minlength=k)
    rows = lake.store.table(manifest)
    assert rows["cluster"].to_pylist() == list(range(k))
    assert np.abs(rows["sample_documents"].to_numpy() - counted).sum() <= 2 * close
    assert rows["sample_documents"].to_numpy().sum() == len(sample)
    assert close < len(sample) / 4
    objective = manifest.facts["objective"]
    assert (
        1 <= len(objective) <= lake.settings.clustering.iterations / 2
    )  # fewer where nothing moves any more
    # before the last update, hence a little below what the final centroids reach
    assert objective[0] <= objective[-1] <= cosines[:, -1].sum() + 0.1
    assert objective[-1] == pytest.approx(cosines[:, -1].sum(), rel=0.01)


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"clustering.n_clusters": 3}, False),
        ({"seed": 1}, False),
        ({"training.tokens": 9}, True),
        ({"block_rows": 7}, True),
    ],
)
def test_only_their_own_settings_ask_for_new_centroids(
    lake: LakeResources, change: dict[str, int], kept: bool
) -> None:
    changed = LakeResources(lake.settings.changed(**change))
    assert spec_of(changed, "centroids").is_fitted(lake.store) == kept


def test_centroids_stay_when_documents_change(changed: Any) -> None:
    lake = changed()
    shard = lake.shards()[0]
    before = lake.store.required("embeddings", shard)
    with lake.store.write("embeddings", shard, inputs={"fewer": ""}, settings={}, code="") as writer:
        writer.table(lake.store.table(before)[:1])
        writer.vectors(lake.store.vectors(before)[:1])
    build_spec = spec_of(lake, "centroids")
    assert not build_spec.is_live(lake.store)
    assert build_spec.is_fitted(lake.store)


def test_a_sample_is_drawn_where_documents_are_many(changed: Any) -> None:
    lake = changed(clustering__n_clusters=2, clustering__points_per_cluster=5, clustering__iterations=3)
    build_asset(lake, "centroids")
    manifest = lake.store.required("centroids")
    assert (manifest.rows, manifest.facts["sample_documents"]) == (2, 10)
    assert 1 <= len(manifest.facts["objective"]) <= 2  # of three iterations one is on half of the sample
    assert sum(lake.store.table(manifest)["sample_documents"].to_pylist()) == 10


def test_the_number_of_clusters_follows_the_documents_unless_it_is_set(lake: LakeResources) -> None:
    assert [centroids.clustering(lake.settings, n).n_clusters for n in (0, 1, 2, 100, 101)] == [
        1,
        1,
        1,
        10,
        10,
    ]
    chosen = lake.settings.changed(**{"clustering.n_clusters": 7})
    assert centroids.clustering(chosen, 100).n_clusters == 7


def test_groups_of_many_are_kept_beside_them(changed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    few = changed()
    assert "groups" not in few.store.required("centroids").facts
    monkeypatch.setattr(kmeans, "MAX_UNGROUPED", 3)
    lake = few.__class__(few.settings.changed(clustering__n_clusters=12))
    build_asset(lake, "centroids")
    reader = discover.asset("cluster_assignments").reader(lake)
    vectors, groups = centroids.trained(reader)
    fact = lake.store.required("centroids").facts["groups"]
    assert groups is not None
    assert (vectors.shape[0], groups.begins.tolist()) == (12, fact["begins"])
    assert groups.recall[groups.probe_margin] == fact["recall"][str(fact["probe_margin"])]
    shown = centroids.show(discover.asset("centroids").reader(lake), lake.store.required("centroids"))
    assert shown["groups"] == 3
    assert shown["recall_of_nearest"] == fact["recall"]


def test_a_lake_without_shards_is_told_so(changed: Any) -> None:
    reader = discover.asset("centroids").reader(changed())
    with pytest.raises(MissingError, match="shard"):
        centroids._training_ids(reader, Snapshot({}))

"""Cluster scores against a loop over all pairs in float64, and each cluster's shape."""

import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import support.scores
from support.corpus import some_units
from support.lake import build_asset, reader_of, spec_of
from support.scores import POOL, Doc, empty_lake, name_of, put, score

from assets.cluster import cluster_scores
from assets.cluster.scoring import comparison_lists
from assets.graph.lake import LakeResources
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16
from resources.lake.manifest import Manifest


def training(lake: LakeResources) -> dict[str, dict[str, Any]]:
    """Return each training document's vector, cluster and distance, by doc_id."""
    found: dict[str, dict[str, Any]] = {}
    for shard in lake.shards():
        raw = lake.store.table(
            lake.store.required("raw_shards", shard), columns=["doc_id", "split"]
        ).to_pylist()
        sides = {row["doc_id"]: row["split"] for row in raw}
        assigned = lake.store.required("cluster_assignments", shard)
        for row, vector in zip(
            lake.store.table(assigned).to_pylist(), lake.store.vectors(assigned), strict=True
        ):
            if sides[row["doc_id"]] == "train":
                found[row["doc_id"]] = {**row, "vector": vector.astype(np.float64)}
    return found


def cosine(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> np.float32:
    dot = math.fsum((one * other).tolist())
    lengths = [math.sqrt(math.fsum((v * v).tolist())) for v in (one, other)]
    return np.float32(dot / (lengths[0] * lengths[1]))


def lists_of(documents: dict[str, dict[str, Any]], margin: float) -> dict[str, set[int]]:
    """Say in which clusters each document is compared: its own, and the second if hardly farther."""
    return {
        name: {document["cluster"]}
        | (
            {document["second_cluster"]}
            if margin
            and np.float32(document["second_distance"]) - np.float32(document["distance"])
            <= np.float32(margin)
            else set()
        )
        for name, document in documents.items()
    }


def naive(
    documents: dict[str, dict[str, Any]], lists: dict[str, set[int]] | None = None
) -> dict[str, tuple[float, str] | tuple[None, None]]:
    """Compare each document with all that rank before it: farther from the centroid, then by doc_id.

    With lists, only with those that it shares one with.
    """
    ranked = sorted(documents, key=lambda name: (-documents[name]["distance"], name))
    found: dict[str, tuple[float, str] | tuple[None, None]] = {}
    for place, name in enumerate(ranked):
        best: tuple[float, str] | tuple[None, None] = (None, None)
        for earlier in ranked[:place]:
            if lists and not lists[name] & lists[earlier]:
                continue
            similarity = float(cosine(documents[name]["vector"], documents[earlier]["vector"]))
            if best[0] is None or similarity > best[0]:
                best = (similarity, earlier)
        found[name] = best
    return found


def check(lake: LakeResources, manifest: Manifest, wanted: dict[str, tuple[Any, Any]]) -> None:
    documents = training(lake)
    rows = lake.store.table(manifest).to_pylist()
    assert [row["doc_id"] for row in rows] == sorted(documents)
    for row in rows:
        document = documents[row["doc_id"]]
        assert (row["cluster"], row["distance"]) == (document["cluster"], document["distance"])
        assert (row["max_similarity"], row["witness"]) == wanted[row["doc_id"]], row["doc_id"]


def test_every_score_is_the_highest_cosine_to_an_earlier_document(lake: LakeResources) -> None:
    manifest = lake.store.required("cluster_scores")
    assert manifest.facts["mode"] == "all_pairs"
    wanted = naive(training(lake))
    check(lake, manifest, wanted)
    similarities = [value for value, _ in wanted.values()]
    assert similarities.count(1.0) >= 7  # the copies; so ties between witnesses are among them
    assert similarities.count(None) == 1


@pytest.mark.parametrize("block_rows", [1024, 5])
def test_above_the_limit_documents_are_compared_inside_their_cluster_alone(
    changed: Any, block_rows: int
) -> None:
    lake = changed(clustering__all_pairs_max_documents=0, block_rows=block_rows, clustering__border_margin=0)
    assert not spec_of(lake, "cluster_scores").is_live(lake.store)
    scored = score(lake)
    manifest = scored.manifest
    assert (scored.made, scored.why) == ("rebuild", "clustering.border_margin changed from 0.05 to 0.0")
    assert manifest == lake.store.required("cluster_scores")
    assert manifest.facts["mode"] == "per_cluster"
    assert manifest.facts["visitors"] == 0
    by_cluster: dict[int, dict[str, Any]] = defaultdict(dict)
    for name, document in training(lake).items():
        by_cluster[document["cluster"]][name] = document
    wanted = {name: found for group in by_cluster.values() for name, found in naive(group).items()}
    assert sum(witness is None for _, witness in wanted.values()) == len(by_cluster) > 2
    check(lake, manifest, wanted)


@pytest.mark.parametrize("margin", [0.02, 0.3])
def test_near_a_border_they_are_compared_in_both_clusters(changed: Any, margin: float) -> None:
    lake = changed(clustering__all_pairs_max_documents=0, clustering__border_margin=margin)
    manifest = score(lake).manifest
    documents = training(lake)
    lists = lists_of(documents, margin)
    check(lake, manifest, naive(documents, lists))
    n_visitors = sum(len(some) == 2 for some in lists.values())
    assert manifest.facts["visitors"] == n_visitors > 0


@pytest.mark.parametrize("centroids", [2, 3, 4, 5, 6])
def test_scores_of_random_vectors_are_those_of_every_pair_that_shares_a_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, centroids: int
) -> None:
    monkeypatch.setattr(comparison_lists, "BUCKET_ROWS", 20)
    draw = generator(centroids, "random vectors")
    margin = float(draw.uniform(0.2, 0.4))
    lake = empty_lake(
        tmp_path,
        centroids,
        clustering__all_pairs_max_documents=0,
        clustering__border_margin=margin,
        block_rows=int(draw.integers(1, 9)),
    )
    for n_documents in (20, 45, 30):  # from nothing, then as documents come, and as they go
        chosen = draw.permutation(60)[:n_documents].tolist()  # many vectors are there twice or more
        put(lake, {f"shard-{s}": {n: Doc(n % len(POOL)) for n in chosen if n % 4 == s} for s in range(4)})
        manifest = score(lake).manifest
        documents = training(lake)
        lists = lists_of(documents, margin)
        wanted = naive(documents, lists)
        check(lake, manifest, wanted)
        assert manifest.facts["visitors"] == sum(len(some) == 2 for some in lists.values()) > 1
        assert any(lists[name] != lists[witness] for name, (_, witness) in wanted.items() if witness)


def test_a_pair_across_a_border_is_found_with_a_margin_and_not_without(tmp_path: Path) -> None:
    pairs = [(n, 100 + n) for n in range(24)]
    sides = np.eye(2, 8)
    towards = some_units(24, 8, 5).astype(np.float64)
    towards[:, :2] = 0
    middle = sides.sum(axis=0) + towards / np.linalg.norm(towards, axis=1)[:, None]
    close = 0.01 * (sides[0] - sides[1])
    vectors = unit_float16(np.concatenate([middle + close, middle - close]).astype(np.float32))
    for margin, wanted in ((0, False), (0.001, False), (0.05, True)):
        lake = empty_lake(
            tmp_path / str(margin), 2, clustering__all_pairs_max_documents=0, clustering__border_margin=margin
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(support.scores, "POOL", vectors)
            numbers = [n for pair in pairs for n in pair]
            put(lake, {"shard-a": {n: Doc(n if n < 24 else n - 76) for n in numbers}})
        manifest = score(lake).manifest
        rows = {row["doc_id"]: row for row in lake.store.table(manifest).to_pylist()}
        one, other = ([rows[name_of(pair[side])] for pair in pairs] for side in (0, 1))
        assert all((a["cluster"], b["cluster"]) == (0, 1) for a, b in zip(one, other, strict=True))
        found = [
            a["witness"] == b["doc_id"] or b["witness"] == a["doc_id"]
            for a, b in zip(one, other, strict=True)
        ]
        assert found == [wanted] * len(pairs), margin


def test_clusters_are_described_by_their_training_documents(lake: LakeResources) -> None:
    rows = lake.store.table(lake.store.required("cluster_scores"), cluster_scores.CLUSTERS.file).to_pylist()
    centroids = lake.store.vectors(lake.store.required("centroids")).astype(np.float64)
    documents = list(training(lake).values())
    assert [row["cluster"] for row in rows] == list(range(len(centroids)))
    for row in rows:
        apart = [d["distance"] for d in documents if d["cluster"] == row["cluster"]]
        assert row["size"] == len(apart)
        assert row["spread"] == (pytest.approx(sum(apart) / len(apart)) if apart else None)
        others = [
            float(cosine(centroids[row["cluster"]], c))
            for i, c in enumerate(centroids)
            if i != row["cluster"]
        ]
        assert row["gap"] == pytest.approx(
            1 - sum(others) / len(others), rel=1e-6
        )  # 20 or fewer others: all of them
        assert row["complexity"] == (pytest.approx(row["spread"] * row["gap"]) if apart else None)
    assert len(centroids) <= 21


def test_a_score_is_of_the_exact_versions_of_each_live_shard(lake: LakeResources, changed: Any) -> None:
    shards = lake.store.required("cluster_scores").facts["snapshot"]
    assert sorted(shards) == lake.shards()
    for shard, versions in shards.items():
        assert versions == {table: lake.store.required(table, shard).version for table in versions}
    copy = changed()
    before = copy.store.required("embeddings", copy.shards()[0])
    with copy.store.write(
        "embeddings", copy.shards()[0], inputs={"again": ""}, settings={}, code=""
    ) as writer:
        writer.table(copy.store.table(before))
        writer.vectors(copy.store.vectors(before))
    assert spec_of(copy, "cluster_scores").is_live(copy.store)  # equal content ripples no further
    with copy.store.write(
        "quality_signals", copy.shards()[0], inputs={"again": ""}, settings={}, code=""
    ) as writer:
        writer.table(copy.store.table(copy.store.required("quality_signals", copy.shards()[0]))[:0])
    assert not spec_of(copy, "cluster_scores").is_live(copy.store)


def test_a_build_says_how_it_was_made_and_the_manifest_does_not(changed: Any) -> None:
    lake = changed(clustering__all_pairs_max_documents=0)
    (first,), (second,) = (build_asset(lake, "cluster_scores") for _ in range(2))
    manifest = lake.store.required("cluster_scores")
    touched = first.shown["groups_touched"]
    assert touched > 1
    assert first.shown == {
        "made_by": "rebuild", "rebuilt_because": "the mode changed from all_pairs to per_cluster",
        "fresh_documents": manifest.rows, "removed_documents": 0, "orphaned_documents": 0,
        "groups_touched": touched,
    }  # fmt: skip
    assert (first.reused, second.reused, second.shown) == (False, True, {})
    assert sorted(manifest.facts) == ["mode", "snapshot", "visitors"]
    shown = cluster_scores.show(reader_of(lake), manifest)
    assert shown["visitors_share"] == shown["visitors"] / manifest.rows > 0
    assert set(shown) == {
        "mode", "shards", "visitors", "visitors_share", "similarities", "cluster_sizes"
    }  # fmt: skip

"""Planted duplicates in a lake: exact ones are always found, and nothing of them enters its documents."""

from assets.audit.duplicate_truth import KEPT
from assets.graph.lake import LakeResources


def test_exact_copies_are_found_by_every_method_at_every_threshold(lake: LakeResources) -> None:
    manifest = lake.store.required("duplicate_truth")
    rows = lake.store.table(manifest).to_pylist()
    exact = [row for row in rows if row["family"] == "exact"]
    assert {row["method"] for row in exact} == {"exact", "minhash", "semdedup"}
    assert all(row["recall"] == 1 and row["n"] == manifest.facts["originals"] for row in exact)
    for method in ("minhash", "semdedup"):
        every = [row for row in rows if (row["method"], row["family"]) == (method, "every")]
        recalls = [row["recall"] for row in sorted(every, key=lambda row: row["threshold"])]
        assert recalls == sorted(recalls, reverse=True)
        assert all(row["low"] <= row["recall"] <= row["high"] for row in every)
    assert {row["recall"] for row in rows if (row["method"], row["family"]) == ("exact", "reordered")} <= {
        0.0
    }


def test_the_lakes_own_documents_stay_more_the_higher_the_threshold(lake: LakeResources) -> None:
    kept = lake.store.table(lake.store.required("duplicate_truth"), KEPT.file).to_pylist()
    scores = lake.store.table(lake.store.required("cluster_scores")).to_pylist()
    for row in kept:
        if row["method"] == "semdedup":
            gone = sum((r["max_similarity"] or -1) >= row["threshold"] for r in scores)
            assert row["kept"] == 1 - gone / len(scores)
    assert {row["method"] for row in kept} == {"semdedup", "minhash"}
    assert all(row["threshold"] >= 0.8 for row in kept if row["method"] == "minhash")

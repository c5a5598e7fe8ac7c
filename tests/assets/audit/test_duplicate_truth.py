"""Planted duplicates in a lake: exact ones are always found, and nothing of them enters its documents."""

import numpy as np

from assets.audit import duplicate_truth
from assets.graph.plan import Lake
from guyot.audit.duplicates.synthetic import FAMILIES, synthetic_duplicate


def test_what_is_planted_is_made_of_the_lakes_own_documents(lake: Lake) -> None:
    made = duplicate_truth.plant(lake.store, lake.settings)
    rows = [
        r for s in lake.shards() for r in lake.store.table(lake.store.required("raw_shards", s)).to_pylist()
    ]
    training = {row["content"]: row["kind"] for row in rows if row["split"] == "train"}
    originals = [text for text, family in zip(made.texts, made.family, strict=True) if family < 0]
    assert set(originals) <= set(training)
    assert made.original[: len(originals)].tolist() == list(range(len(originals)))
    for number, (text, family) in enumerate(zip(made.texts, made.family.tolist(), strict=True)):
        if family >= 0:
            original = made.texts[made.original[number]]
            assert synthetic_duplicate(original, training[original], FAMILIES[family]) == text


def test_how_alike_each_planted_pair_is(lake: Lake) -> None:
    made = duplicate_truth.plant(lake.store, lake.settings)
    rows = lake.store.table(lake.store.required("duplicate_truth"), duplicate_truth.PAIRS).to_pylist()
    duplicates = np.flatnonzero(made.family >= 0).tolist()
    assert len(rows) == len(duplicates) + len(made.ids)
    ids = [doc_id.decode() for doc_id in made.ids]
    for row, at in zip(rows, duplicates, strict=False):
        original = int(made.original[at])
        assert (row["doc_id"], row["family"]) == (ids[original], FAMILIES[made.family[at]])
        one, other = (_runs(made.texts[number]) for number in (original, at))
        assert row["jaccard"] == len(one & other) / len(one | other)
        if row["family"] in ("exact", "whitespace"):
            assert row["jaccard"] == 1
        if row["family"] == "exact":
            assert row["cosine"] == 1
    unrelated = rows[len(duplicates) :]
    assert {row["family"] for row in unrelated} == {duplicate_truth.UNRELATED}
    for number, row in enumerate(unrelated):
        other = (number + 1) % len(ids)
        one, other = _runs(made.texts[number]), _runs(made.texts[other])
        assert (row["doc_id"], row["jaccard"]) == (ids[number], len(one & other) / len(one | other))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[at : at + 5]) for at in range(max(1, len(words) - 4))}


def test_exact_copies_are_found_by_every_method_at_every_threshold(lake: Lake) -> None:
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


def test_the_lakes_own_documents_stay_more_the_higher_the_threshold(lake: Lake) -> None:
    kept = lake.store.table(lake.store.required("duplicate_truth"), duplicate_truth.KEPT).to_pylist()
    scores = lake.store.table(lake.store.required("cluster_scores")).to_pylist()
    for row in kept:
        if row["method"] == "semdedup":
            gone = sum((r["max_similarity"] or -1) >= row["threshold"] for r in scores)
            assert row["kept"] == 1 - gone / len(scores)
    assert {row["method"] for row in kept} == {"semdedup", "minhash"}
    assert all(row["threshold"] >= 0.8 for row in kept if row["method"] == "minhash")

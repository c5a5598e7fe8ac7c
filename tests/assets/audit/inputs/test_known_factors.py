"""What the factor audit reads: factors, removals and vectors of the same documents."""

import json

import numpy as np
from support.lake import copy_of

from assets.audit.factor_audit import factor_audit
from assets.audit.inputs import known_factors
from assets.graph.lake import LakeResources
from assets.ingest.raw_shards import IMAGES


def test_columns_vectors_and_images_are_of_the_same_document(factor_lake: LakeResources) -> None:
    reader = factor_audit.reader(factor_lake)
    found = known_factors.load(reader, factor_lake.settings.audit)
    rows = np.arange(1, len(found.known.ids), 2)
    vectors = known_factors.vectors_of(reader, found, rows)
    images = known_factors.images_of(reader, found, rows, IMAGES.file)
    shard = factor_lake.shards()[0]
    raw = factor_lake.store.required("raw_shards", shard)
    documents = {row["doc_id"]: row for row in factor_lake.store.table(raw).to_pylist()}
    bytes_of = {r["doc_id"]: r["image"] for r in factor_lake.store.table(raw, IMAGES.file).to_pylist()}
    embedded = factor_lake.store.required("embeddings", shard)
    place = {doc_id: i for i, doc_id in enumerate(factor_lake.store.table(embedded)["doc_id"].to_pylist())}
    stored = factor_lake.store.vectors(embedded)[:]
    for i, row in enumerate(rows.tolist()):
        doc_id = found.known.ids[row].decode()
        meta = json.loads(documents[doc_id]["meta"])
        levels = {factor.name: factor.levels[factor.level[row]] for factor in found.factors}
        assert levels == {"colour": meta["colour"], "turn": f"{meta['turn']:g}"}
        assert found.group.levels[found.group.level[row]] == meta["duplicate_group"]
        assert found.is_original[row] == (meta["variant"] == "")
        assert np.array_equal(vectors[i], stored[place[doc_id]])
        assert images[row] == bytes_of[doc_id]
    assert set(images) == set(rows.tolist())
    assert known_factors.vectors_of(reader, found, np.zeros(0, np.int64)).shape == (0, 0)


def test_removals_and_the_nearest_are_those_of_the_tables(factor_lake: LakeResources) -> None:
    reader = factor_audit.reader(factor_lake)
    known = known_factors.load(reader, factor_lake.settings.audit).known
    found = dict(known_factors.removals(reader, known))
    assert list(found) == ["everything", "random", "semdedup"]
    for recipe, own in found.items():
        mixture = factor_lake.store.table(factor_lake.store.required("pruned_mixtures", recipe)).to_pylist()
        expected = {row["doc_id"]: row["witness"] for row in mixture if not row["kept"]}
        ids = [doc_id.decode() for doc_id in known.ids]
        assert {ids[row] for row in np.flatnonzero(own.removed)} == set(expected)
        pairs = {ids[a]: ids[b] for a, b in zip(own.dropped, own.witness, strict=True)}
        assert pairs == {doc_id: witness for doc_id, witness in expected.items() if witness}
    rows, witness, distance = known_factors.nearest_earlier(reader, known)
    scores = factor_lake.store.table(factor_lake.store.required("cluster_scores")).to_pylist()
    for row, by, far in zip(rows.tolist(), witness.tolist(), distance.tolist(), strict=True):
        assert scores[row]["witness"] == known.ids[by].decode()
        assert far == 1 - scores[row]["max_similarity"]
    assert len(rows) == sum(row["witness"] is not None for row in scores)


def test_held_out_documents_are_in_no_table(lake: LakeResources, tmp_path) -> None:
    copy = copy_of(lake, tmp_path / "copy", audit__factor_columns="n")
    reader = factor_audit.reader(copy)
    found = known_factors.load(reader, copy.settings.audit)
    assert len(found.known.ids) == copy.store.required("cluster_scores").rows
    removed = dict(known_factors.removals(reader, found.known))
    mixture = copy.store.table(copy.store.required("pruned_mixtures", "random")).to_pylist()
    held_out = [row for row in mixture if row["step"] == "held_out"]
    assert held_out
    assert removed["random"].removed.sum() == sum(not row["kept"] for row in mixture) - len(held_out)
    factor = next(iter(found.factors))
    assert 2 < factor.counts().sum() < len(found.known.ids), "a few documents have the key n"

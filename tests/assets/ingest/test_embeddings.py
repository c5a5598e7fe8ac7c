"""Embeddings: unit vectors of each document's own text, in the shard's order, whatever the batch."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.corpus import lake_at, materialize

from assets.graph.plan import Lake
from assets.ingest import embeddings
from guyot.encoders.hashing import HashingEncoder
from guyot.vectors.exact import unit_float16
from resources.progress import Progress


def test_each_vector_is_the_encoding_of_its_own_text_alone(lake: Lake) -> None:
    encoder = HashingEncoder()
    for shard in lake.shards():
        raw = lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()
        manifest = lake.store.required("embeddings", shard)
        vectors = lake.store.vectors(manifest)
        assert lake.store.table(manifest)["doc_id"].to_pylist() == [row["doc_id"] for row in raw]
        assert vectors.shape == (len(raw), manifest.facts["width"])
        assert np.allclose(np.linalg.norm(vectors.astype(np.float64), axis=1), 1, atol=2e-3)
        for row, vector in zip(raw, vectors, strict=True):
            assert np.array_equal(unit_float16(encoder.encode([row["content"]]))[0], vector)
        assert manifest.facts["encoder_id"] == encoder.id


def test_another_batch_size_and_no_documents(
    lake: Lake, changed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = changed()
    shard = copy.shards()[0]
    before = np.array(copy.store.vectors(copy.store.required("embeddings", shard)))
    monkeypatch.setattr(embeddings, "_BATCH_DOCUMENTS", 3)
    assert len(before) > 3
    assert np.array_equal(encode(copy, shard, "again"), before)
    raw = copy.store.required("raw_shards", shard)
    with copy.store.write("raw_shards", shard, inputs={"none": ""}, settings={}, code="") as writer:
        writer.table(copy.store.table(raw)[:0])
    assert encode(copy, shard, "nothing").shape == (0, 256)


def encode(lake: Lake, shard: str, version: str) -> np.ndarray[Any, Any]:
    with lake.store.write("embeddings", shard, inputs={"test": version}, settings={}, code="") as writer:
        embeddings.encode_shard(lake.store, HashingEncoder(), shard, writer, Progress("test", 1, "documents"))
    return np.array(lake.store.vectors(lake.store.required("embeddings", shard)))


def test_vectors_depend_on_the_encoder_and_on_no_clustering(lake: Lake) -> None:
    shard = lake.shards()[0]
    before = embeddings.spec(lake.store, lake.encoder, shard)
    assert before.is_live(lake.store)
    for change, same in (({"clustering.n_clusters": 3, "seed": 5}, True), ({"encoder": "minilm"}, False)):
        other = lake_at(Path(lake.store.root), Path(lake.settings.source), **change)
        assert (embeddings.spec(other.store, other.encoder, shard).version == before.version) == same


PLANTED = (
    "The harbour master kept a ledger of every ship that came in with the tide, and of each one that did not."
)
SUBJECTS = (
    "glacier",
    "violin",
    "tax law",
    "sourdough",
    "orbital launch",
    "chess opening",
    "coral reef",
    "font",
    "goalkeeper",
)


def test_the_default_encoder_finds_a_planted_near_duplicate_through_the_whole_graph(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for number, (subject, other) in enumerate(itertools.combinations(SUBJECTS, 2)):
        (source / f"{number:02d}.txt").write_text(f"What a {subject} has in common with a {other}, and why.")
    (source / "twin_a.txt").write_text(PLANTED)
    (source / "twin_b.txt").write_text(PLANTED.replace("every ship", "each ship"))
    lake = lake_at(tmp_path / "lake", source, encoder="minilm", reading__held_out_fraction=0.03)
    materialize(lake, ["semdedup"])
    store = lake.store
    raw = [r for shard in lake.shards() for r in store.table(store.required("raw_shards", shard)).to_pylist()]
    ids = {row["doc_id"]: row["source_uri"] for row in raw}
    assert all(row["split"] == "train" for row in raw if "twin" in row["source_uri"])
    dropped = [
        r
        for r in store.table(store.required("pruned_mixtures", "semdedup")).to_pylist()
        if r["reason"] == "near_duplicate"
    ]
    pairs = [{ids[row["doc_id"]], ids[row["witness"]]} for row in dropped]
    assert {"twin_a.txt", "twin_b.txt"} in pairs
    lowest = min(dropped, key=lambda row: row["score"])
    assert {ids[lowest["doc_id"]], ids[lowest["witness"]]} == {"twin_a.txt", "twin_b.txt"}
    assert store.required("embeddings", lake.shards()[0]).facts["width"] == 384
    assert store.table(store.required("leaderboard"))["recipe"].to_pylist() == ["semdedup"]

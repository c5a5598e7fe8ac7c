"""Embeddings: unit vectors of each document's own text, in the shard's order, whatever the batch and the kills."""

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.lake import build_asset, build_lake, copy_of, environment, lake_at, scan, spec_of

from assets.graph.lake import LakeResources
from assets.ingest import embeddings
from guyot.encoders.hashing import HashingEncoder
from guyot.errors import MissingError
from guyot.vectors.exact import unit_float16
from resources.lake.saved_batches import PARTIAL


def test_each_vector_is_the_encoding_of_its_own_text_alone(lake: LakeResources) -> None:
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
    lake: LakeResources, changed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = changed()
    shard = copy.shards()[0]
    before = np.array(copy.store.vectors(copy.store.required("embeddings", shard)))
    monkeypatch.setattr(embeddings, "_BATCH_DOCUMENTS", 3)
    assert len(before) > 3
    assert np.array_equal(encode(copy, shard, "again"), before)
    assert encode(copy, shard, "nothing", n_documents=0).shape == (0, 256)
    assert not Path(copy.store.path(PARTIAL)).exists()


def encode(
    lake: LakeResources, shard: str, content: str, n_documents: int | None = None
) -> np.ndarray[Any, Any]:
    """Embed the first documents of a shard, as documents of another content."""
    raw = lake.store.required("raw_shards", shard)
    with lake.store.write("raw_shards", shard, inputs={content: ""}, settings={}, code="") as writer:
        writer.table(lake.store.table(raw)[:n_documents])
        writer.content = content
    build_asset(lake, "embeddings", shard)
    return np.array(lake.store.vectors(lake.store.required("embeddings", shard)))


def test_vectors_depend_on_the_encoder_and_on_no_clustering(lake: LakeResources) -> None:
    shard = lake.shards()[0]
    before = spec_of(lake, "embeddings", shard)
    assert before.is_live(lake.store)
    for change, same in (({"clustering.n_clusters": 3, "seed": 5}, True), ({"encoder": "minilm"}, False)):
        other = lake_at(Path(lake.store.root), Path(lake.settings.source), **change)
        assert (spec_of(other, "embeddings", shard).version == before.version) == same


def test_documents_that_were_replaced_since_the_build_was_asked_for_are_not_embedded(changed: Any) -> None:
    from assets.graph.build import PartitionTask, build_partition

    lake = changed()
    shard = lake.shards()[0]
    with lake.store.write("raw_shards", shard, inputs={"a": ""}, settings={}, code="") as writer:
        writer.table(lake.store.table(lake.store.required("raw_shards", shard)))
        writer.content = "a"
    spec = spec_of(lake, "embeddings", shard)
    with lake.store.write("raw_shards", shard, inputs={"b": ""}, settings={}, code="") as writer:
        writer.table(lake.store.table(lake.store.required("raw_shards", shard))[1:])
        writer.content = "b"
    with pytest.raises(MissingError, match="from raw_shards of content a, which was replaced by b meanwhile"):
        build_partition(PartitionTask("embeddings", spec, lake.settings.model_dump_json()))
    assert not lake.store.manifest("embeddings", shard, spec.version)


# A process that embeds all shards; it notes the documents of each batch and is killed in one of them.
PROCESS = """
import os, signal, sys
from support.lake import build_asset, lake_at
from assets.ingest import embeddings
from guyot.encoders.hashing import HashingEncoder

lake_root, source, log, kill_at = sys.argv[1:]
embeddings._BATCH_DOCUMENTS = 8
encode = HashingEncoder.encode
sink = open(log, "a", buffering=1)
batches = 0

def counting(self, texts):
    global batches
    batches += 1
    sink.write("".join(f"{text.split()[1]}\\n" for text in texts))
    if batches == int(kill_at):
        os.kill(os.getpid(), signal.SIGKILL)
    return encode(self, texts)

HashingEncoder.encode = counting
lake = lake_at(lake_root, source, reading__shard_bytes=2000)
build_asset(lake, "embeddings", *lake.shards())
"""


def embed_and_be_killed(lake: LakeResources, log: Path, kill_at: int) -> None:
    """Embed in a process that is killed in a batch, counted from 1."""
    tests = str(Path(__file__).parents[2])
    run = [sys.executable, "-c", PROCESS, lake.store.root, lake.settings.source, str(log), str(kill_at)]
    path = os.pathsep.join([tests, str(Path(tests).parent)])
    ended = subprocess.run(run, env=environment(lake, PYTHONPATH=path), check=False)
    assert ended.returncode == -signal.SIGKILL


def embed_to_the_end(lake: LakeResources, log: Path) -> None:
    """Embed in this process, in the same batches, and note their documents."""
    encode = HashingEncoder.encode

    def noting(encoder: HashingEncoder, texts: list[str]) -> Any:
        with log.open("a") as sink:
            sink.write("".join(f"{text.split()[1]}\n" for text in texts))
        return encode(encoder, texts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embeddings, "_BATCH_DOCUMENTS", 8)
        patch.setattr(HashingEncoder, "encode", noting)
        build_asset(lake, "embeddings", *lake.shards())


@pytest.fixture(scope="module")
def unembedded(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    """Return a lake of 100 documents in three shards or more, without vectors."""
    root = tmp_path_factory.mktemp("unembedded")
    (root / "source").mkdir()
    for file in range(4):
        rows = [{"text": f"document {file}-{number} of many words"} for number in range(25)]
        (root / "source" / f"{file}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    lake = lake_at(root / "lake", root / "source", reading__shard_bytes=2000)
    scan(lake)
    build_asset(lake, "raw_shards", *lake.shards())
    return lake


@pytest.mark.parametrize("kills", [[1], [3, 1, 4], [12]])
def test_a_killed_build_goes_on_where_it_stopped(
    unembedded: LakeResources, tmp_path: Path, kills: Sequence[int]
) -> None:
    lake = copy_of(unembedded, tmp_path / "lake", reading__shard_bytes=2000)
    log = tmp_path / "log"
    for kill_at in kills:
        embed_and_be_killed(lake, log, kill_at)
    embed_to_the_end(lake, log)
    texts = log.read_text().split()
    assert len(set(texts)) == 100
    twice = len(texts) - 100
    assert 0 < twice <= 8 * len(kills)  # of each kill, the batch in which it happened
    whole = copy_of(unembedded, tmp_path / "undisturbed", reading__shard_bytes=2000)
    build_asset(whole, "embeddings", *whole.shards())
    assert files_of(lake) == files_of(whole)


def files_of(lake: LakeResources) -> dict[str, bytes]:
    """Return every file of a lake, but what dead writers worked in, which the janitor removes."""
    root = Path(lake.store.root)
    paths = {str(path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in paths.items() if not name.startswith(".writing/")}


def test_a_damaged_batch_is_encoded_again_and_others_are_not(
    unembedded: LakeResources, tmp_path: Path
) -> None:
    lake = copy_of(unembedded, tmp_path / "lake", reading__shard_bytes=2000)
    log = tmp_path / "log"
    embed_and_be_killed(lake, log, 3)
    first, second = sorted(Path(lake.store.path(PARTIAL)).rglob("*.npy"))
    assert [first.name.partition("-")[0], second.name.partition("-")[0]] == ["0", "8"]
    first.write_bytes(first.read_bytes()[:-20])
    before = len(log.read_text().split())
    embed_to_the_end(lake, log)
    assert len(log.read_text().split()) - before == 100 - 8
    whole = copy_of(unembedded, tmp_path / "undisturbed", reading__shard_bytes=2000)
    build_asset(whole, "embeddings", *whole.shards())
    assert files_of(lake) == files_of(whole)


PLANTED = (
    "The harbour master kept a ledger of every ship that came in with the tide, and of each one that did not."
)
SUBJECTS = (
    "glacier", "violin", "tax law", "sourdough", "orbital launch", "chess opening", "coral reef", "font",
    "goalkeeper",
)  # fmt: skip


def test_the_default_encoder_finds_a_planted_near_duplicate_through_the_whole_graph(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for number, (subject, other) in enumerate(itertools.combinations(SUBJECTS, 2)):
        (source / f"{number:02d}.txt").write_text(f"What a {subject} has in common with a {other}, and why.")
    (source / "twin_a.txt").write_text(PLANTED)
    (source / "twin_b.txt").write_text(PLANTED.replace("every ship", "each ship"))
    lake = lake_at(tmp_path / "lake", source, encoder="minilm", reading__held_out_fraction=0.03)
    build_lake(lake, until="pruned_mixtures", recipes=["semdedup"])
    store = lake.store
    raw = [r for shard in lake.shards() for r in store.table(store.required("raw_shards", shard)).to_pylist()]
    ids = {row["doc_id"]: row["source_path"] for row in raw}
    assert all(row["split"] == "train" for row in raw if "twin" in row["source_path"])
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

"""Raw shards: identity recomputed, conservation per shard, and the order and sides of documents."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest
from support.lake import build_asset, lake_at, scan, spec_of, write_corpus

from assets.graph.build import build_partition, tasks
from assets.graph.lake import LakeResources
from assets.ingest import raw_shards
from guyot import identity
from guyot.errors import MissingError
from guyot.split import record_splits
from resources.sources.readers import read
from resources.sources.registry import live_entries


def documents(lake: LakeResources) -> list[dict[str, str]]:
    manifests = [lake.store.required("raw_shards", shard) for shard in lake.shards()]
    return [row for manifest in manifests for row in lake.store.table(manifest).to_pylist()]


def naive_id(path: str, key: str, digest: str) -> str:
    joined = b"\x1f".join(part.encode() for part in (path, key, digest))
    return hashlib.blake2b(joined, digest_size=16, person=b"guyot-doc").hexdigest()


def test_documents_are_the_files_with_their_ids(lake: LakeResources) -> None:
    found = documents(lake)
    assert len({row["doc_id"] for row in found}) == len(found) == 12 * 3 + 2 + 12 + 6
    source = Path(lake.settings.source)
    for row in found:
        digest = hashlib.blake2b(row["content"].encode(), digest_size=16).hexdigest()
        assert row["content_digest"] == digest == identity.content_digest(row["content"].encode())
        assert row["doc_id"] == naive_id(row["source_path"], row["record_key"], digest)
        if row["source_path"].endswith((".py", ".md")):
            assert row["content"] == (source / row["source_path"]).read_bytes().decode()
            assert row["record_key"] == ""


def test_records_keep_their_id_and_other_columns(lake: LakeResources) -> None:
    found = {row["record_key"]: row for row in documents(lake) if row["source_path"] == "records.jsonl"}
    assert set(found) == {f"r{i}" for i in range(12)}
    for i in range(12):
        row = found[f"r{i}"]
        assert row["content"] == f"record {i} says {i * 7}"
        assert json.loads(row["meta"])["n"] == i
        drawn = {"fraction": lake.settings.reading.held_out_fraction, "seed": lake.settings.seed}
        assert [row["split"]] == record_splits("records.jsonl", [row["record_key"]], **drawn)


def test_every_record_is_a_document_or_in_quarantine(lake: LakeResources) -> None:
    registry = lake.store.table(lake.store.required("shard_registry"))
    assert len(lake.shards()) > 2
    reasons: Counter[str] = Counter()
    for shard in lake.shards():
        manifest = lake.store.required("raw_shards", shard)
        rejected = lake.store.table(manifest, raw_shards.QUARANTINE.file)
        reasons.update(rejected["reason"].to_pylist())
        records = sum(1 for entry in live_entries(registry, shard) for _ in read(entry, lake.settings))
        assert manifest.facts["records"] == records == lake.store.table(manifest).num_rows + rejected.num_rows
    assert reasons == {"invalid_json": 1, "invalid_utf8": 1}


def test_documents_come_in_the_order_of_their_files_and_each_side_is_its_files(lake: LakeResources) -> None:
    registry = lake.store.table(lake.store.required("shard_registry")).to_pylist()
    sides = {row["path"]: row["split_unit"] for row in registry}
    for shard in lake.shards():
        rows = lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()
        paths = [row["source_path"] for row in rows]
        assert paths == sorted(paths)
        assert all(
            row["split"] == sides[row["source_path"]] for row in rows if sides[row["source_path"]] != "record"
        )


@pytest.mark.parametrize(
    ("name", "value", "changes"),
    [
        ("reading.text_column", "body", True),
        ("reading.max_document_bytes", 10, True),
        ("tokenization.vocabulary_size", 400, False),
        ("clustering.n_clusters", 3, False),
    ],
)
def test_a_version_hashes_the_settings_that_reading_uses_and_no_other(
    lake: LakeResources, name: str, value: object, changes: bool
) -> None:
    shard = lake.shards()[0]
    before = spec_of(lake, "raw_shards", shard)
    assert before.is_live(lake.store)
    other = LakeResources(lake.settings.changed(**{name: value}))
    after = spec_of(other, "raw_shards", shard)
    assert (after.version != before.version) == changes


def test_files_that_came_after_the_build_began_are_not_read_under_its_version(tmp_path: Path) -> None:
    write_corpus(tmp_path / "source")
    lake = lake_at(tmp_path / "lake", tmp_path / "source")
    scan(lake)
    shard = lake.shards()[0]
    begun = spec_of(lake, "raw_shards", shard)
    registry = lake.store.table(lake.store.required("shard_registry"))
    (tmp_path / "source" / live_entries(registry, shard)[0].path).write_text("other = 1\n")
    scan(lake)
    wanted = begun.inputs["shard_registry"]
    with pytest.raises(MissingError, match=f"from shard_registry of content {wanted}, which was replaced"):
        build_partition(*tasks(raw_shards.raw_shards, lake, {shard: begun}))
    assert lake.store.current("raw_shards", shard) is None
    build_asset(lake, "raw_shards", shard)
    assert lake.store.required("raw_shards", shard).version != begun.version

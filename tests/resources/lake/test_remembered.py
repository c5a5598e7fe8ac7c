"""What is live is read once, and is what it was; another look sees what came since."""

import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from assets.graph import compaction
from assets.graph.lake import LakeResources
from resources import progress
from resources.lake import compacted
from resources.lake.remembered import RememberedStore
from resources.lake.store import Store
from resources.settings import Settings
from resources.storage import s3
from resources.storage.files import Files


def write(store: Store, code: str) -> None:
    with store.write("raw_shards", "s", inputs={}, settings={}, code=code) as writer:
        writer.table(pa.table({"doc_id": ["a"]}))


def test_what_is_live_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = LakeResources(Settings.of(lake=str(tmp_path)))
    look = lake.remembered()
    assert isinstance(look.store, RememberedStore)
    assert not isinstance(lake.store, RememberedStore)
    write(lake.store, "1")
    first = look.store.required("raw_shards", "s")
    write(lake.store, "2")
    assert look.store.current("raw_shards", "s") == first
    assert lake.store.required("raw_shards", "s").code == "2"
    assert lake.remembered().store.required("raw_shards", "s").code == "2"
    second = look.store.manifest("raw_shards", "s", lake.store.required("raw_shards", "s").version)
    assert second
    assert second.code == "2"
    monkeypatch.setattr(Store, "manifest", None)  # reading one fails
    assert look.store.required("raw_shards", "s") == first
    assert look.store.manifest("raw_shards", "s", first.version) == first


def test_that_there_is_none_is_remembered_too(tmp_path: Path) -> None:
    lake = LakeResources(Settings.of(lake=str(tmp_path)))
    look = lake.remembered()
    assert look.store.current("raw_shards", "s") is None
    write(lake.store, "1")
    assert look.store.current("raw_shards", "s") is None
    assert lake.remembered().store.current("raw_shards", "s") is not None


def test_manifests_of_one_snapshot_hold_one_object(tmp_path: Path) -> None:
    lake = LakeResources(Settings.of(lake=str(tmp_path)))
    written = {"a": {"s": {"t": "1"}}, "b": {"s": {"t": "1"}}, "other": {"s": {"t": "2"}}, "none": None}
    for key, snapshot in written.items():
        with lake.store.write("mixture", key, inputs={}, settings={"key": key}, code="1") as writer:
            writer.table(pa.table({"doc_id": [key]}))
            writer.facts |= {"n": 1} if snapshot is None else {"n": 1, "snapshot": snapshot}
    look = lake.remembered().store
    found = {key: look.required("mixture", key) for key in written}
    assert found == {key: lake.store.required("mixture", key) for key in written}
    assert found["a"].facts["snapshot"] is found["b"].facts["snapshot"]
    assert found["other"].facts["snapshot"] == {"s": {"t": "2"}}
    assert "snapshot" not in found["none"].facts


def put_many(lake: LakeResources, n: int) -> None:
    for number in range(n):
        with lake.store.write(
            "t", f"s{number}", inputs={"a": str(number)}, settings={"b": 1}, code="1"
        ) as writer:
            writer.table(pa.table({"doc_id": [f"{number}"]}))


def origins(lake: LakeResources, n: int) -> list[tuple[str, str, dict[str, str]] | None]:
    look = lake.remembered().store
    found = [look.origin("t", f"s{number}") for number in range(n)]
    return [None if one is None else (one.version, one.content, one.inputs) for one in found]


def test_a_look_at_compacted_manifests_is_a_look_at_manifests(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = LakeResources(Settings.of(lake=place))
    put_many(lake, 6)
    before = origins(lake, 7)
    assert before[6] is None
    look = lake.remembered().store
    assert isinstance(look, RememberedStore)
    for number in range(7):
        look.origin("t", f"s{number}")
    assert look.compact(min_read=7) == []  # they are six
    assert look.compact(min_read=6) == ["t"]
    reads: list[str] = []
    read = Files.read
    monkeypatch.setattr(Files, "read", lambda self, uri: reads.append(uri) or read(self, uri))
    assert origins(lake, 6) == before[:6]
    pointers = [lake.store.path("t", f"s{number}", "current") for number in range(6)]
    assert [uri for uri in reads if ".manifests" not in uri] == (
        [] if place.startswith("s3://") else pointers
    )  # of S3 one listing tells


def test_what_came_since_is_seen_and_compacted_beside_the_others(place: str) -> None:
    lake = LakeResources(Settings.of(lake=place))
    put_many(lake, 3)
    compaction.compact_all(lake, min_read=1)
    with lake.store.write("t", "s1", inputs={"a": "other"}, settings={}, code="1") as writer:
        writer.table(pa.table({"doc_id": ["b"]}))
    lake.store.files.delete(lake.store.path("t", "s2", "current"))
    newer = lake.store.required("t", "s1")
    found = origins(lake, 3)
    assert found[1] == (newer.version, newer.content, {"a": "other"})
    assert found[2] is None
    assert compaction.compact_all(lake, min_read=2) == []
    assert compaction.compact_all(lake, min_read=1) == ["t"]
    rows = compacted.read(lake.store.files, "t")
    assert rows["s1"].version == newer.version
    assert set(rows) == {"s0", "s1"}
    look = lake.remembered().store
    assert look.origin("t", "s1") == rows["s1"]
    assert look.current("t", "s1") == newer
    assert look.current("t", "s2") is None


def test_partitions_are_those_that_are_live(place: str) -> None:
    lake = LakeResources(Settings.of(lake=place))
    put_many(lake, 3)
    for key in ("d4/0", "d4/1"):
        with lake.store.write("t", key, inputs={}, settings={}, code="1") as writer:
            writer.table(pa.table({"doc_id": ["b"]}))
    compaction.compact_all(lake, min_read=1)
    with lake.store.write("t", "d4/2", inputs={}, settings={}, code="1") as writer:
        writer.table(pa.table({"doc_id": ["b"]}))
    put_many(lake, 4)
    for gone in ("s1", "d4/1"):
        lake.store.files.delete(lake.store.path("t", gone, "current"))
    assert lake.store.partitions("t") == ["d4/0", "d4/2", "s0", "s2", "s3"]
    assert lake.remembered().store.partitions("t") == lake.store.partitions("t")


def test_a_version_whose_manifest_is_gone_is_none(place: str) -> None:
    lake = LakeResources(Settings.of(lake=place))
    put_many(lake, 2)
    compaction.compact_all(lake, min_read=1)
    made = lake.store.required("t", "s0")
    lake.store.files.delete(lake.store.path("t", "s0", made.version, "manifest.json"))
    look = lake.remembered().store
    assert look.origin("t", "s0") is None
    assert look.current("t", "s0") is None
    assert look.origin("t", "s1") is not None


def test_a_version_that_was_made_again_is_what_it_is_now(place: str) -> None:
    lake = LakeResources(Settings.of(lake=place))
    put_many(lake, 2)
    compaction.compact_all(lake, min_read=1)
    before = lake.store.required("t", "s0")
    lake.store.files.delete_folder(lake.store.path("t", "s0", before.version))
    with lake.store.write("t", "s0", inputs={"a": "0"}, settings={"b": 1}, code="1") as writer:
        writer.table(pa.table({"doc_id": ["other bytes"]}))
    now = lake.store.required("t", "s0")
    assert (now.version, now.content != before.content) == (before.version, True)
    found = lake.remembered().store.origin("t", "s0")
    assert found is not None
    assert found.content == now.content
    assert compaction.compact_all(lake, min_read=1) == ["t"]
    assert compacted.read(lake.store.files, "t")["s0"].content == now.content


def test_pointers_are_read_where_their_etags_are_no_digests(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = LakeResources(Settings.of(lake=f"{bucket}/lake"))
    put_many(lake, 3)
    monkeypatch.setattr(
        s3, "etags", lambda *asked, real=s3.etags: ((name, f"kms-{etag}") for name, etag in real(*asked))
    )
    before = origins(lake, 3)
    compaction.compact_all(lake, min_read=1)
    reads: list[str] = []
    read = Files.read
    monkeypatch.setattr(Files, "read", lambda self, uri: reads.append(uri) or read(self, uri))
    assert origins(lake, 3) == before
    assert sorted(uri for uri in reads if ".manifests" not in uri) == [
        lake.store.path("t", f"s{number}", "current") for number in range(3)
    ]


def test_a_removed_table_and_a_stray_file_are_no_partitions(tmp_path: Path) -> None:
    lake = LakeResources(Settings.of(lake=str(tmp_path)))
    put_many(lake, 2)
    compaction.compact_all(lake, min_read=1)
    (tmp_path / "t" / ".nfs0001").write_text("")
    assert lake.remembered().store.partitions("t") == ["s0", "s1"]
    shutil.rmtree(tmp_path / "t")
    assert lake.remembered().store.partitions("t") == []


def test_a_damaged_file_is_said_and_manifests_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = LakeResources(Settings.of(lake=str(tmp_path)))
    put_many(lake, 3)
    before = origins(lake, 3)
    compaction.compact_all(lake, min_read=1)
    Path(compacted.uri_of(lake.store.files, "t")).write_bytes(b"PAR1 nothing PAR1")
    said: list[str] = []
    monkeypatch.setattr(progress, "note", said.append)
    assert origins(lake, 3) == before
    assert len(said) == 1
    assert said[0].endswith("; its manifests are read one by one")


def test_a_lake_that_cannot_be_written_is_looked_at_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = LakeResources(Settings.of(lake=str(tmp_path)))
    put_many(lake, 1)

    def refuse(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(Files, "replace", refuse)
    assert compaction.compact_all(lake, min_read=1) == []

"""Verifying a lake: what others do to it is no damage, and what should be there and is not is."""

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from support.lake import build_lake, copy_files, copy_of, graph_lake, lake_at

from assets.graph import retention, verification
from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from assets.graph.verification import still_damaged, verify
from resources.lake.damage import IS_MISSING, NAMES_NOTHING, Damage


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


@pytest.fixture
def lake(original: LakeResources, tmp_path: Path) -> LakeResources:
    return copy_of(original, tmp_path / "lake")


def problems(lake: LakeResources) -> list[tuple[str, str, str, str]]:
    return [(one.table, one.key, one.file, one.problem) for one in verify(lake).damaged]


def version_folder(lake: LakeResources, table: str, key: str = "all") -> Path:
    return Path(lake.store.path(table, key, lake.store.required(table, key).version))


def test_a_whole_lake_is_read_whole(original: LakeResources) -> None:
    found = verify(original)
    manifests = [m for name in {table for table, _, _ in found.whole} for m in original.store.versions(name)]
    assert found.damaged == []
    assert set(found.whole) == {(m.table, m.key, m.version) for m in manifests}
    assert found.bytes == sum(file.bytes for m in manifests for file in m.files.values())
    assert found.files == len(found.live) + sum(len(m.files) + 1 for m in manifests)


def test_a_lake_whose_files_came_and_went_is_whole_before_and_after_gc(
    original: LakeResources, tmp_path: Path
) -> None:
    shutil.copytree(original.settings.source, tmp_path / "source")
    copy_files(original, tmp_path / "lake")
    lake = lake_at(tmp_path / "lake", tmp_path / "source")
    shutil.rmtree(tmp_path / "source" / "package03")
    (tmp_path / "source" / "records.jsonl").unlink()
    build_lake(lake, until="cluster_assignments")
    assert problems(lake) == []
    garbage = retention.find(lake, older_than_seconds=0, now=2e9)
    assert list(retention.remove(lake, garbage)) == garbage != []
    assert problems(lake) == []


def test_what_a_dead_writer_left_is_no_damage(lake: LakeResources) -> None:
    left = Path(lake.store.path("embeddings", lake.shards()[0], "0123456789abcdef"))
    left.mkdir()
    (left / "rows.parquet").write_bytes(b"half")
    assert problems(lake) == []


def test_a_live_version_that_has_gone_is_found_by_what_names_it(lake: LakeResources) -> None:
    folder = version_folder(lake, "centroids")
    shutil.rmtree(folder)
    said = f"{NAMES_NOTHING}: {folder.name}"
    assert problems(lake) == [("centroids", "all", "current", said)]
    folder.mkdir()
    (folder / "vectors.arrow").write_bytes(b"left")
    assert problems(lake) == [("centroids", "all", "manifest.json", IS_MISSING)]


def test_a_pinned_version_that_has_gone_is_found_though_it_is_not_live(lake: LakeResources) -> None:
    shard = sorted(snapshot_of(lake.store.required("pruned_mixtures", "d4")).shards)[0]
    folder = version_folder(lake, "raw_shards", shard)
    shutil.copytree(folder.parent, folder.parent.with_name("elsewhere"))
    (folder.parent / "current").unlink()
    shutil.rmtree(folder)
    shutil.rmtree(folder.parent.with_name("elsewhere"))
    assert problems(lake) == [("raw_shards", shard, "manifest.json", f"{IS_MISSING}, and so is its version")]


def test_what_names_the_live_version_is_missed_where_the_registry_is_damaged_too(lake: LakeResources) -> None:
    shard = lake.shards()[0]
    Path(lake.store.path("embeddings", shard, "current")).unlink()
    assert problems(lake) == [("embeddings", shard, "current", IS_MISSING)]
    (version_folder(lake, "shard_registry") / "rows.parquet").write_bytes(b"")
    assert ("embeddings", shard, "current", IS_MISSING) in problems(lake)


def test_what_others_repair_or_remove_meanwhile_is_damaged_no_more(lake: LakeResources) -> None:
    def damage(table: str, key: str, version: str, file: str, problem: str = "cut off") -> Damage:
        return Damage(table, key, version, file, problem)

    version = version_folder(lake, "centroids").name
    others = [
        damage("centroids", "all", "", "current", IS_MISSING),  # a run has set it
        damage("centroids", "all", version, "manifest.json", IS_MISSING),  # a run has written it
        damage("centroids", "all", "0" * 16, "rows.parquet"),  # gc has removed the version
    ]
    assert still_damaged(lake, others) == []
    held = damage("centroids", "all", version, "rows.parquet")
    assert still_damaged(lake, [held]) == [], "it is whole again"
    path = version_folder(lake, "centroids") / "rows.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    assert still_damaged(lake, [held]) == [held]
    (version_folder(lake, "centroids") / "manifest.json").unlink()
    assert still_damaged(lake, [held]) == [damage("centroids", "all", version, "manifest.json", IS_MISSING)]


def test_a_version_that_gc_removes_while_it_is_read_is_no_damage(
    lake: LakeResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lake.store.write("report", "all", inputs={"i": "1"}, settings={}, code="1") as writer:
        writer.table(pa.table({"x": [1]}))
    newest = version_folder(lake, "report")
    before = next(one for one in lake.store.versions("report") if one.version != newest.name)
    lake.store.publish(before)
    assert version_folder(lake, "report") != newest
    check_file, removed = verification.damage.check_file, list[str]()

    def removing(check: Any) -> Damage | None:
        if check.name[2] == newest.name:
            shutil.rmtree(newest)
            removed.append(newest.name)
        return check_file(check)

    monkeypatch.setattr(verification.damage, "check_file", removing)
    assert problems(lake) == []
    assert removed == [newest.name]

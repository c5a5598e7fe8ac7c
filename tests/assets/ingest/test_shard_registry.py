"""The shard registry: files keep their shard, a look that finds nothing new writes nothing, partitions follow."""

import os
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from support.lake import lake_at

from assets.graph.dagster_asset import to_dagster
from assets.graph.lake import LakeResources
from assets.graph.partitions import SHARDS
from assets.ingest import shard_registry
from resources.lake import set_aside
from resources.lake.manifest import MANIFEST, WHOLE
from resources.sources.local_listing import digest_of


@pytest.fixture
def lake(tmp_path: Path) -> LakeResources:
    """Return a lake of three shards of two files each, with nothing made yet."""
    source = tmp_path / "source"
    for folder in "abc":
        (source / folder).mkdir(parents=True)
        for name in ("one.txt", "two.txt"):
            (source / folder / name).write_text(f"{folder} {name} ".ljust(50, "."))
    (source / "picture.png").write_bytes(b"not read")
    return lake_at(tmp_path / "lake", source, reading__shard_bytes=100)


@pytest.fixture
def instance() -> Any:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def scan(lake: LakeResources, instance: dg.DagsterInstance) -> dict[str, Any]:
    """Look at the source; return what the UI shows."""
    outcome = dg.materialize(
        [to_dagster(shard_registry.shard_registry)], resources={"settings": lake.settings}, instance=instance
    )
    (event,) = outcome.get_asset_materialization_events()
    return {name: value.value for name, value in event.materialization.metadata.items()}


def rows(lake: LakeResources) -> dict[str, dict[str, Any]]:
    return {row["path"]: row for row in lake.store.table(lake.store.required("shard_registry")).to_pylist()}


def partitions(instance: dg.DagsterInstance) -> list[str]:
    return sorted(instance.get_dynamic_partitions(str(SHARDS.name)))


def test_a_row_is_a_file_and_the_live_shards_are_the_partitions(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    shown = scan(lake, instance)
    found = rows(lake)
    source = Path(lake.settings.source)
    assert set(found) == {f"{folder}/{name}" for folder in "abc" for name in ("one.txt", "two.txt")}
    for path, row in found.items():
        assert row["digest"] == digest_of(str(source / path))
        assert (row["bytes"], row["state"], row["source_group"], row["problem"]) == (50, "live", path[0], "")
        assert row["shard"] == f"shard-{'abc'.index(path[0]):05d}"
        assert row["uri"] == (source / path).as_uri()
    assert partitions(instance) == lake.shards() == ["shard-00000", "shard-00001", "shard-00002"]
    counted = {
        name: shown[name]
        for name in ("live_files", "removed_files", "live_bytes", "shards", "dagster/row_count")
    }
    assert counted == {
        "live_files": 6,
        "removed_files": 0,
        "live_bytes": 300,
        "shards": 3,
        "dagster/row_count": 6,
    }
    assert shown["ignored_files_by_extension"] == {".png": 1}


def test_a_second_look_changes_nothing(lake: LakeResources, instance: dg.DagsterInstance) -> None:
    scan(lake, instance)
    before = lake.store.required("shard_registry")
    written = os.stat(lake.store.file(before)).st_mtime_ns
    scan(lake, instance)
    assert lake.store.required("shard_registry") == before
    assert os.stat(lake.store.file(before)).st_mtime_ns == written


def test_a_registry_that_was_set_aside_still_says_what_is_held_out(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    scan(lake, instance)
    before = lake.store.required("shard_registry")
    rule = before.facts["held_out"]
    (Path(lake.settings.source) / "d").mkdir()  # with it the units would be decided otherwise
    for number in range(300):
        (Path(lake.settings.source) / "d" / f"{number}.txt").write_text(f"{number}")
    set_aside.set_version_aside(lake.store.files, ("shard_registry", WHOLE, before.version))
    set_aside.set_pointer_aside(lake.store.files, ("shard_registry", WHOLE))
    damaged = Path(lake.store.root) / ".damaged" / "shard_registry" / WHOLE / "f@20990101T000000.000000Z"
    damaged.mkdir()
    (damaged / MANIFEST).write_text("{")
    scan(lake, instance)
    assert lake.store.required("shard_registry").facts["held_out"] == rule


def test_changed_new_and_removed_files_touch_their_own_shards_alone(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    scan(lake, instance)
    before, source = rows(lake), Path(lake.settings.source)
    (source / "b" / "one.txt").write_text("another text")
    (source / "a" / "new.txt").write_text("new")
    for name in ("one.txt", "two.txt"):
        (source / "c" / name).unlink()
    shown = scan(lake, instance)
    after = rows(lake)
    assert {path: row["shard"] for path, row in after.items() if path in before} == {
        p: r["shard"] for p, r in before.items()
    }
    assert after["a/new.txt"]["shard"] == "shard-00003"
    assert after["b/one.txt"]["digest"] != before["b/one.txt"]["digest"]
    assert [path for path, row in after.items() if row["state"] == "removed"] == ["c/one.txt", "c/two.txt"]
    assert partitions(instance) == lake.shards() == ["shard-00000", "shard-00001", "shard-00003"]
    assert (shown["live_files"], shown["removed_files"]) == (5, 2)


def test_live_bytes_are_of_live_files(lake: LakeResources, instance: dg.DagsterInstance) -> None:
    scan(lake, instance)
    (Path(lake.settings.source) / "c" / "one.txt").unlink()
    assert scan(lake, instance)["live_bytes"] == 250


def test_a_file_that_comes_back_finds_its_shard_and_its_sides_stay(
    lake: LakeResources, instance: dg.DagsterInstance
) -> None:
    scan(lake, instance)
    before = rows(lake)
    file = Path(lake.settings.source) / "c" / "two.txt"
    text = file.read_text()
    file.unlink()
    scan(lake, instance)
    file.write_text(text)
    scan(lake, instance)
    after = rows(lake)
    kept = ("shard", "state", "digest", "split_unit", "first_seen")
    assert all([after[path][n] for n in kept] == [row[n] for n in kept] for path, row in before.items())
    assert {row["split_unit"] for row in after.values()} == {"train", "held_out"}


def test_partitions_of_another_time_are_put_right(lake: LakeResources, instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions(str(SHARDS.name), ["shard-00001", "shard-00777"])
    scan(lake, instance)
    assert partitions(instance) == lake.shards()


def test_more_shards_than_one_statement_takes(
    lake: LakeResources, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard_registry, "_MAX_ADDED_AT_ONCE", 2)
    scan(lake, instance)
    assert partitions(instance) == lake.shards()

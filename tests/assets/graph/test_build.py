"""Building a partition: a version that the lake holds is reused, failures leave nothing, refusals are collected."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from support.lake import lake_at

from assets.graph import build, discover
from assets.graph.asset import LakeAsset, lake_asset
from assets.graph.build import Build, Built, PartitionTask, build_collecting_refusals, build_partition
from assets.graph.lake import LakeResources
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.errors import SettingError
from resources.lake.writer import Writer

NUMBERS = TableSpec("numbers", "a number", (ColumnSpec("x", pa.int64(), "the number"),))


@lake_asset(group_name="audit", tables=[NUMBERS], settings=("seed",), code_version="1")
def numbers(build: Build, writer: Writer) -> Mapping[str, Any]:
    """One row is a number."""
    if build.settings.seed == 13:
        raise ZeroDivisionError
    if build.settings.seed == 14:
        raise SettingError("seed=14 was asked for; choose another")
    writer.table(pa.table([[build.settings.seed]], schema=NUMBERS.schema))
    return {"seed_shown": build.settings.seed}


@pytest.fixture(autouse=True)
def graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `numbers` the one asset of the graph."""
    monkeypatch.setattr(discover, "assets", lambda: {"numbers": numbers})


def seeded(root: Path, seed: int) -> LakeResources:
    return lake_at(root, root, seed=seed)


def task(lake: LakeResources, asset: LakeAsset = numbers) -> PartitionTask:
    (found,) = build.tasks(asset, lake, asset.specs(lake, ["all"]))
    return found


def values(lake: LakeResources) -> list[int]:
    return lake.store.table(lake.store.required("numbers"))["x"].to_pylist()


def files(lake: LakeResources) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in Path(lake.store.root).rglob("*") if path.is_file()}


def test_a_version_that_the_lake_holds_is_reused_and_nothing_is_rewritten(tmp_path: Path) -> None:
    lake = seeded(tmp_path, 1)
    first = build_partition(task(lake))
    manifest = lake.store.required("numbers")
    assert first == Built("all", manifest, shown={"seed_shown": 1})
    before = files(lake)
    assert build_partition(task(lake)) == Built("all", manifest, reused=True)
    after = files(lake)
    assert set(after) == set(before)
    assert {path.name for path in after if after[path] != before[path]} <= {"current"}


def test_another_setting_or_code_is_another_version_and_the_old_one_comes_back(tmp_path: Path) -> None:
    one, two = seeded(tmp_path, 1), seeded(tmp_path, 2)
    versions = {build_partition(task(lake)).manifest.version for lake in (one, two)}
    assert len(versions) == 2
    assert values(one) == [2]
    assert build_partition(task(one)).reused
    assert values(two) == [1]
    changed = dataclasses.replace(numbers, code_version="2")
    assert changed.spec(one).version not in versions


def test_a_version_whose_other_files_are_gone_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = seeded(tmp_path, 1)
    build_partition(task(lake))
    fragile = dataclasses.replace(numbers, is_valid=lambda lake: False)
    monkeypatch.setattr(discover, "assets", lambda: {"numbers": fragile})
    assert not build_partition(task(lake)).reused


def test_a_failure_leaves_nothing_and_what_was_live_stays(tmp_path: Path) -> None:
    build_partition(task(seeded(tmp_path, 1)))
    bad = seeded(tmp_path, 13)
    for function in (build_partition, build_collecting_refusals):
        with pytest.raises(ZeroDivisionError):
            function(task(bad))
    spec = numbers.spec(bad)
    assert not Path(bad.store.path("numbers", "all", spec.version)).exists()
    assert values(bad) == [1]


def test_a_refusal_is_raised_or_collected_as_asked(tmp_path: Path) -> None:
    lake = seeded(tmp_path, 14)
    with pytest.raises(SettingError, match="seed=14"):
        build_partition(task(lake))
    assert build_collecting_refusals(task(lake)) == Built(
        "all", None, "seed=14 was asked for; choose another"
    )
    assert lake.store.current("numbers") is None

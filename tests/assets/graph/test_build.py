"""Building: what exists is revived and not rewritten, what changed is another version, failures leave nothing."""

from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.lake import lake_at

from assets.graph.build import BuildSpec, build, columns, facts_of, result
from assets.graph.plan import ASSETS, Lake
from resources.lake.manifest import version_of
from resources.lake.store import Store
from resources.lake.writer import Writer


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return lake_at(tmp_path, tmp_path).store


def spec(setting: int = 1, code: str = "1", **inputs: str) -> BuildSpec:
    return BuildSpec("t", inputs or {"i": "a"}, {"s": setting}, code)


def write(value: int) -> Any:
    def work(writer: Writer) -> None:
        writer.table(pa.table({"x": [value]}))

    return work


def refuse(_: Writer) -> None:
    raise AssertionError("the work was done again")


def files(store: Store) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in Path(store.root).rglob("*") if path.is_file()}


def test_the_same_inputs_and_settings_are_revived_and_nothing_is_rewritten(store: Store) -> None:
    first = build(store, spec(), write(1))
    before = files(store)
    assert build(store, spec(), refuse) == first
    after = files(store)
    assert set(after) == set(before)
    assert {path for path in after if after[path] != before[path]} <= {
        Path(store.path("t", "all", "current"))
    }


@pytest.mark.parametrize("changed", [spec(2), spec(code="2"), spec(i="b"), spec(i="a", j="c")])
def test_whatever_changes_is_another_version_and_going_back_revives_the_old_one(
    store: Store, changed: BuildSpec
) -> None:
    first = build(store, spec(), write(1))
    second = build(store, changed, write(2))
    assert (
        second.version
        == changed.version
        == version_of(changed.inputs, changed.settings, changed.code)
        != first.version
    )
    assert (spec().is_live(store), changed.is_live(store)) == (False, True)
    assert store.table(store.required("t"))["x"].to_pylist() == [2]
    assert build(store, spec(), refuse) == first
    assert (spec().is_live(store), changed.is_live(store)) == (True, False)
    assert store.table(store.required("t"))["x"].to_pylist() == [1]


def test_failing_work_leaves_nothing_live_and_what_was_live_stays(store: Store) -> None:
    def fail(writer: Writer) -> None:
        writer.table(pa.table({"x": [9]}))
        raise ZeroDivisionError

    for build_spec in (spec(), spec(2)):
        with pytest.raises(ZeroDivisionError):
            build(store, build_spec, fail)
        assert not Path(store.path("t", "all", build_spec.version)).exists()
        assert store.manifest("t", "all", build_spec.version) is None
        live = store.current("t")
        assert (live and live.version) == (spec().version if build_spec != spec() else None)
        build(store, spec(), write(1))
    assert spec().is_live(store)
    assert build(store, spec(2), write(2)).rows == 1  # and it can be made after all


def test_fitted_looks_at_settings_and_code_but_not_at_inputs(store: Store) -> None:
    assert not spec().is_fitted(store)
    build(store, spec(), write(1))
    assert spec(i="other").is_fitted(store)
    assert not spec(i="other").is_live(store)
    assert not spec(2).is_fitted(store)
    assert not spec(code="2").is_fitted(store)


def test_partitions_are_made_apart(store: Store) -> None:
    keys = [BuildSpec("t", {}, {}, "1", key) for key in ("a", "b/0")]
    for value, one in enumerate(keys):
        build(store, one, write(value))
    assert keys[0].version == keys[1].version
    assert store.partitions("t") == ["a", "b/0"]
    assert [store.table(store.required("t", one.key))["x"].to_pylist() for one in keys] == [[0], [1]]


def test_what_the_ui_shows_of_a_version(store: Store) -> None:
    manifest = build(store, spec(), write(1))
    shown = result(manifest, more=3)
    assert shown.metadata == {**facts_of(manifest), "more": 3}
    size = Path(store.file(manifest)).stat().st_size
    assert facts_of(manifest) == {
        "dagster/row_count": 1, "version": manifest.version, "content": manifest.content, "bytes": size}  # fmt: skip
    assert shown.data_version == dg.DataVersion(manifest.content)


def test_columns_are_split_into_type_and_description() -> None:
    (column,) = columns(x="int64: a: b")["dagster/column_schema"].columns
    assert (column.name, column.type, column.description) == ("x", "int64", "a: b")


def declared() -> dict[str, dg.TableSchema]:
    from definitions import defs

    specs = {spec.key.to_user_string(): spec.metadata for spec in defs.resolve_all_asset_specs()}
    return {name: metadata.get("dagster/column_schema") for name, metadata in specs.items()}


def test_every_asset_declares_its_columns() -> None:
    assert set(declared()) == set(ASSETS)
    assert [name for name, schema in declared().items() if schema is None] == []


@pytest.mark.parametrize("asset", ASSETS)
def test_the_columns_that_an_asset_declares_are_those_of_its_files(lake: Lake, asset: str) -> None:
    schema = declared()[asset]
    keys = lake.store.partitions(asset)
    assert keys
    for key in keys:
        written = pq.read_schema(lake.store.file(lake.store.required(asset, key)))
        assert [(c.name, c.type) for c in schema.columns] == [
            (f.name, str(f.type).replace("element: ", "")) for f in written
        ]
        assert all(c.description for c in schema.columns)

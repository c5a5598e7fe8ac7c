"""Declarations: what a version hashes follows from what is read, and Dagster is told the same."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.lake import spec_of

from assets.graph import discover
from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.build_spec import BuildSpec
from assets.graph.dagster_asset import to_dagster
from assets.graph.lake import LakeResources
from assets.graph.reads import named, one, same, shards
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.errors import MissingError
from resources.lake.manifest import version_of
from resources.lake.writer import Writer

NUMBERS = TableSpec(
    "toy", "a number", (ColumnSpec("n", pa.int64(), "the number", source="raw_shards.doc_id"),)
)


@lake_asset(
    group_name="audit",
    tables=[NUMBERS],
    reads=[shards("embeddings"), one("centroids"), named("raw_shards"), one("tokenizer", is_input=False)],
    settings=("seed",),
    settings_of=lambda lake, key: {"key": key},
    inputs=lambda lake, reader, keys: {key: {"more": f"of {key}"} for key in keys},
    code_version="7",
)
def toy(build: Build, writer: Writer) -> None:
    """One row is a number."""


def test_a_version_hashes_what_is_read_its_settings_and_its_code(lake: LakeResources) -> None:
    contents = {f"embeddings/{s}": lake.store.required("embeddings", s).content for s in lake.shards()}
    contents |= {"centroids": lake.store.required("centroids").content, "more": "of all"}
    spec = toy.spec(lake)
    assert spec == BuildSpec("toy", "all", contents, {"seed": 0, "key": "all"}, "7")
    assert spec.version == version_of(contents, {"seed": 0, "key": "all"}, "7")
    assert toy.deps == ("embeddings", "centroids", "raw_shards", "tokenizer")
    assert (toy.name, toy.description) == ("toy", "One row is a number.")


def test_a_partition_hashes_that_of_its_own_key(lake: LakeResources) -> None:
    asset = dataclasses.replace(toy, reads=(same("embeddings"),), inputs=None)
    first, second = lake.shards()[:2]
    specs = asset.specs(lake, [first, second])
    assert {key: spec.inputs for key, spec in specs.items()} == {
        key: {"embeddings": lake.store.required("embeddings", key).content} for key in (first, second)
    }


def test_what_is_missing_is_named(lake: LakeResources) -> None:
    asset = dataclasses.replace(toy, reads=(one("leaderboards"),))
    with pytest.raises(MissingError, match="leaderboards/all was asked for"):
        asset.spec(lake)


def test_fitted_looks_at_settings_and_code_but_not_at_inputs(lake: LakeResources) -> None:
    live = spec_of(lake, "tokenizer")
    changes: list[tuple[Mapping[str, Any], bool, bool]] = [
        ({}, True, True),
        ({"inputs": {"other": ""}}, False, True),
        ({"settings": {**live.settings, "seed": 9}}, False, False),
        ({"code": "0"}, False, False),
        ({"key": "other"}, False, False),
    ]
    for change, is_live, is_fitted in changes:
        spec = dataclasses.replace(live, **change)
        assert (spec.is_live(lake.store), spec.is_fitted(lake.store)) == (is_live, is_fitted)


@pytest.mark.parametrize("name", list(discover.assets()))
def test_dagster_has_what_is_declared(name: str) -> None:
    asset = discover.asset(name)
    (spec,) = to_dagster(asset).specs
    assert {dep.asset_key.to_user_string() for dep in spec.deps} == set(asset.deps)
    assert (spec.group_name, spec.code_version) == (asset.group_name, asset.code_version)
    columns = spec.metadata["dagster/column_schema"].columns
    assert [(c.name, c.type, c.description) for c in columns] == [
        (c.name, str(c.type), c.described) for c in asset.tables[0].columns
    ]
    assert all(column.meaning for table in asset.tables for column in table.columns)


@pytest.mark.parametrize("name", [
    name for name, a in discover.assets().items()
    # what is in no lake that did not ask has tests of its own
    if a.group_name not in ("publish", "scenes", "navigation") and name not in ("factor_audit", "data_factor_search")
])  # fmt: skip
def test_the_files_have_the_columns_that_are_declared(lake: LakeResources, name: str) -> None:
    keys = lake.store.partitions(name)
    assert bool(keys) == discover.asset(name).fits(lake)
    for key in keys:
        manifest = lake.store.required(name, key)
        for table in (t for t in discover.asset(name).tables if "text" in t.documents):
            written = pq.read_schema(lake.store.file(manifest, table.file))
            declared = [(c.name, str(c.type).replace("item: ", "element: ")) for c in table.columns]
            assert [(f.name, str(f.type).replace("item: ", "element: ")) for f in written] == declared


def test_a_column_that_is_carried_over_names_where_it_comes_from() -> None:
    lineage = NUMBERS.dagster_lineage().deps_by_column
    assert {
        name: [(dep.asset_key.to_user_string(), dep.column_name) for dep in deps]
        for name, deps in lineage.items()
    } == {"n": [("raw_shards", "doc_id")]}


def test_columns_that_are_carried_over_have_values_of_their_source(lake: LakeResources) -> None:
    checked = 0
    for name, asset in discover.assets().items():
        for table in asset.tables if asset.group_name in ("ingest", "cluster") else ():
            for column in table.columns:
                if column.source and "text" in table.documents:
                    values = values_of(lake, name, table.file, column.name) - {None}
                    source, _, origin = column.source.partition(".")
                    file = next(t.file for t in discover.asset(source).tables if origin in t.names)
                    assert values <= values_of(lake, source, file, origin), (table.name, column.name)
                    checked += 1
    assert checked > 10


def values_of(lake: LakeResources, table: str, file: str, column: str) -> set[Any]:
    found: set[Any] = set()
    for key in lake.store.partitions(table):
        manifest = lake.store.required(table, key)
        found |= set(lake.store.table(manifest, file, [column])[column].to_pylist())
    return found

"""The catalogue's tables: what each view declares is what the files hold, and what an empty one has."""

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from support.lake import graph_lake

from assets.graph.lake import Lake
from assets.graph.views import LAKE_FILES, MIXTURE_FACTS, MIXTURES, VIEWS, View
from resources.lake.manifest import Manifest

each_view = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return graph_lake(tmp_path_factory)


def described(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind, *_ in connection.sql(f"DESCRIBE {sql}").fetchall()]


@each_view
def test_a_view_of_nothing_has_the_columns_of_a_view_of_files(lake: Lake, view: View) -> None:
    with lake.catalogue.connect() as connection:
        full = described(connection, f"SELECT * FROM {view.name}")
        empty = described(connection, view.empty())
        assert empty == full
        assert connection.sql(view.empty()).fetchall() == []
    assert lake.store.required("catalogue").rows == len(VIEWS) + 2


@each_view
def test_every_file_of_a_view_has_its_declared_columns(lake: Lake, view: View) -> None:
    keys = lake.store.partitions(view.table)
    manifests: list[Manifest] = [lake.store.required(view.table, key) for key in keys]
    assert manifests
    declared = [column.rpartition(" ")[0] for column in view.columns.split(", ")]
    for manifest in manifests:
        assert pq.read_schema(Path(lake.store.file(manifest, view.file))).names == declared


def test_names_are_of_one_view_each_and_a_comment_says_what_a_row_is() -> None:
    names = [view.name for view in VIEWS]
    assert len(set(names)) == len(names)
    assert all(view.comment.startswith("one row is ") for view in VIEWS)
    assert {view.name for view in VIEWS if view.of_shards} == {
        "raw_shards", "quarantine", "quality_signals", "minhash_signatures", "embeddings", "cluster_assignments"}  # fmt: skip
    assert {view.name for view in VIEWS if view.consumed_too} == {
        "pruned_mixtures",
        "mixture_steps",
        "epoch_schedules",
    }


def test_the_facts_of_a_mixture_are_the_columns_of_its_table(lake: Lake) -> None:
    with duckdb.connect() as connection:
        connection.execute(MIXTURES)
        connection.execute(LAKE_FILES)
        assert [name for name, _ in described(connection, "mixtures")] == [
            "recipe",
            "version",
            *MIXTURE_FACTS,
        ]
    assert set(MIXTURE_FACTS) <= set(lake.store.required("pruned_mixtures", "d4").facts)

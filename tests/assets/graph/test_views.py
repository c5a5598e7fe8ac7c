"""The catalogue's views: what each asset declares is what its files hold, and what an empty view has."""

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from support.lake import catalogue_of, graph_lake

from assets.graph import discover
from assets.graph.lake import LakeResources
from assets.graph.views import LAKE_FILES, View, no_rows, views

each_view = pytest.mark.parametrize("view", views(), ids=lambda view: view.name)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


def described(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind, *_ in connection.sql(f"DESCRIBE {sql}").fetchall()]


@each_view
def test_a_view_of_nothing_has_the_columns_of_a_view_of_files(lake: LakeResources, view: View) -> None:
    with catalogue_of(lake).connect() as connection:
        full = described(connection, f"SELECT * FROM {view.name}")
        empty = described(connection, view.empty())
        assert empty == full
        assert connection.sql(view.empty()).fetchall() == []


@pytest.mark.parametrize(
    "view",
    [
        v
        for v in views()
        if discover.asset(v.asset).group_name not in ("scenes", "navigation")
        and "text" in v.table.documents
        and v.asset not in ("factor_audit", "data_factor_search")  # nobody asked for them here
    ],
    ids=lambda v: v.name,
)
def test_every_file_of_a_view_has_its_declared_columns_and_types(lake: LakeResources, view: View) -> None:
    manifests = [lake.store.required(view.asset, key) for key in lake.store.partitions(view.asset)]
    assert manifests
    for manifest in manifests:
        found = pq.read_schema(Path(lake.store.file(manifest, view.table.file)))
        assert found.equals(view.table.schema), found


def test_every_declared_table_outside_publish_is_a_view() -> None:
    declared = [t.name for a in discover.assets().values() if a.group_name != "publish" for t in a.tables]
    names = [view.name for view in views()]
    assert sorted(names) == sorted(declared)
    assert len(set(names)) == len(names)
    assert {"quarantine", "mixtures", "mixture_steps", "training_loss", "divergence"} <= set(names)


def test_a_comment_says_what_a_row_is_and_columns_say_what_they_mean() -> None:
    assert all(view.comment.startswith("one row is ") for view in views())
    assert [
        (v.name, c.name) for v in views() for c in v.columns if len(c.meaning) < 3 or "FROM docs" in c.meaning
    ] == []


def test_views_of_shards_and_of_recipes_say_so() -> None:
    assert {view.name for view in views() if view.of_shards} == {
        "raw_shards", "quarantine", "images", "quality_signals", "token_ids", "image_signals", "episode_signals", "minhash_signatures",
        "embeddings", "cluster_assignments"}  # fmt: skip
    assert {view.name for view in views() if view.shows_pinned} == {
        "pruned_mixtures", "mixture_steps", "mixtures", "epoch_schedules", "model_soups", "soup_barriers"}  # fmt: skip
    added = {view.name: [column.name for column, _ in view.added] for view in views()}
    assert added["raw_shards"] == ["shard"]
    assert added["mixtures"] == ["recipe", "version", "live"]
    assert added["training_loss"] == ["run", "version"]
    assert added["training_runs"] == []


def test_the_table_of_files_has_its_columns() -> None:
    with duckdb.connect() as connection:
        found = described(connection, no_rows(LAKE_FILES.columns))
    assert [name for name, _ in found] == ["table", "key", "version", "live", "file", "rows", "bytes", "path"]

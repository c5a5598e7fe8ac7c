"""The laws as checks: each passes on a good lake, fails on one that breaks it, and stops what follows."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from support.forged import change_manifest, change_table

from assets.cluster.cluster_assignments import cluster_assignments_have_not_drifted
from assets.graph import discover
from assets.graph.dagster_asset import to_dagster, to_dagster_check
from assets.graph.lake import LakeResources
from assets.graph.reader import UndeclaredReadError
from assets.prune.epoch_schedules import epoch_schedules
from assets.prune.pruned_mixtures import pruned_mixtures

# of an asset with several the first that it declares
BY_ASSET = {check.asset: check for check in reversed(discover.checks()) if check.blocking}


def checked(lake: LakeResources, table: str) -> dg.AssetCheckResult:
    return BY_ASSET[table].result(lake)


def replaced(table: pa.Table, column: str, values: Any) -> pa.Table:
    return table.set_column(table.column_names.index(column), table.schema.field(column), values)


def drop_first(table: pa.Table) -> pa.Table:
    return table[1:]


def double_first(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table[:1], table[:1], table[2:]])


def mute(column: str) -> Callable[[pa.Table], pa.Table]:
    return lambda table: replaced(table, column, pa.nulls(len(table), pa.string()))


def drop_a_kept_one(table: pa.Table) -> pa.Table:
    """Turn a kept document into a dropped one, with step and reason."""
    at = table["kept"].to_pylist().index(True)
    mask = pa.array([i == at for i in range(len(table))])
    for column, value in (("kept", False), ("step", "exact"), ("reason", "copy")):
        table = replaced(table, column, pc.if_else(mask, pa.scalar(value), table[column]))
    return table


@pytest.mark.parametrize("table", list(BY_ASSET))
def test_a_good_lake_passes(lake: LakeResources, table: str) -> None:
    assert checked(lake, table).passed


def test_what_is_counted_is_all(lake: LakeResources) -> None:
    records = checked(lake, "raw_shards").metadata["records"]
    assert records == dg.IntMetadataValue(12 * 3 + 2 + 13 + 6 + 1)
    counted = {name: value.value for name, value in checked(lake, "cluster_scores").metadata.items()}
    assert counted["documents"] == counted["rows"] == counted["distinct"] > 30


@pytest.mark.parametrize(
    ("table", "key", "change", "name"),
    [
        ("raw_shards", "with quarantine", drop_first, "quarantine.parquet"),
        ("raw_shards", "with quarantine", drop_first, "rows.parquet"),
        ("cluster_scores", "all", drop_first, "rows.parquet"),
        ("cluster_scores", "all", double_first, "rows.parquet"),
        ("pruned_mixtures", "d4", drop_first, "rows.parquet"),
        ("pruned_mixtures", "random", double_first, "rows.parquet"),
        ("pruned_mixtures", "exact", mute("step"), "rows.parquet"),
        ("pruned_mixtures", "length", mute("reason"), "rows.parquet"),
        ("pruned_mixtures", "exact", drop_a_kept_one, "rows.parquet"),
        ("pruned_mixtures", "d4", drop_a_kept_one, "rows.parquet"),
    ],
)
def test_a_broken_law_is_noticed(changed: Any, table: str, key: str, change: Any, name: str) -> None:
    lake = changed()
    if key == "with quarantine":
        key = next(
            s
            for s in lake.shards()
            if lake.store.table(lake.store.required(table, s), "quarantine.parquet").num_rows
        )
    change_table(lake, table, key, change, name)
    result = checked(lake, table)
    assert not result.passed
    if "wrong" in result.metadata:
        assert list(result.metadata["wrong"].value) == [key]


def test_a_document_without_a_score_is_missed(changed: Any) -> None:
    lake = changed()
    sides = {
        s: lake.store.table(lake.store.required("raw_shards", s))["split"].to_pylist() for s in lake.shards()
    }
    shard = next(s for s in sides if "held_out" in sides[s])
    change_table(lake, "raw_shards", shard, lambda t: replaced(t, "split", pa.array(["train"] * len(t))))
    assert not checked(lake, "cluster_scores").passed


def test_the_checks_are_blocking_and_stop_what_is_downstream(changed: Any) -> None:
    assert set(BY_ASSET) == {"raw_shards", "cluster_scores", "pruned_mixtures", "mazes"}
    lake = changed()
    change_table(lake, "pruned_mixtures", "d4", drop_first)
    check = to_dagster_check(BY_ASSET["pruned_mixtures"])
    assets = [to_dagster(pruned_mixtures), to_dagster(epoch_schedules), check]
    outcome = dg.materialize(
        assets, resources={"settings": lake.settings}, partition_key="d4", raise_on_error=False
    )
    assert not outcome.success
    assert {event.asset_key.to_user_string() for event in outcome.get_asset_materialization_events()} == {
        "pruned_mixtures"
    }
    assert [evaluation.passed for evaluation in outcome.get_asset_check_evaluations()] == [False]


def test_a_check_reads_what_it_declares(lake: LakeResources) -> None:
    undeclared = dataclasses.replace(BY_ASSET["pruned_mixtures"], reads=())
    with pytest.raises(UndeclaredReadError, match="pruned_mixtures_account_for_all reads raw_shards"):
        undeclared.result(lake)


def drifted(lake: LakeResources) -> dg.AssetCheckResult:
    return cluster_assignments_have_not_drifted.result(lake)


def with_new_shard(lake: LakeResources, distances: np.ndarray[Any, Any]) -> None:
    """Let a shard's embeddings be others than those that the centroids were made of, at these distances."""
    shard = lake.shards()[0]
    manifest = Path(
        lake.store.path(
            "embeddings", shard, lake.store.required("embeddings", shard).version, "manifest.json"
        )
    )
    change_manifest(manifest, lambda fields: fields.update(content="0" + fields["content"]))
    many = pa.table({"distance": distances.astype(np.float32)})
    change_table(lake, "cluster_assignments", shard, lambda _: many)


def test_drift_is_told_with_its_picture_and_only_where_there_is_some(changed: Any) -> None:
    lake = changed()
    counts = lake.store.table(lake.store.required("centroids"), "distances.parquet")
    assert sum(counts["documents"].to_pylist()) > 0
    nothing_new = drifted(lake)
    assert nothing_new.passed
    assert "fewer than 100" in str(nothing_new.description)
    alike = np.repeat(counts["distance"].to_numpy() + 0.005, counts["documents"].to_numpy() * 20)
    with_new_shard(lake, alike)
    same = drifted(lake)
    assert same.passed
    assert same.metadata["largest_gap"].value == 0
    assert same.metadata["new_documents"].value == len(alike)
    change_table(
        lake,
        "cluster_assignments",
        lake.shards()[0],
        lambda _: pa.table({"distance": (alike + 0.5).astype(np.float32)}),
    )
    moved = drifted(lake)
    assert not moved.passed
    assert moved.severity == dg.AssetCheckSeverity.WARN
    assert "guyot backfill centroids" in str(moved.description)
    assert str(moved.metadata["distances"].value).startswith("![chart](data:image/png;base64,")

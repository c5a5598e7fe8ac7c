"""Partitions: recipes and seeds of recipes.py, shards of the registry, and ranges of them in one run."""

import importlib
from typing import Any

import dagster as dg
import pytest
from support.lake import spec_of

from assets.graph import discover
from assets.graph.build import Build
from assets.graph.dagster_asset import to_dagster
from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME, RECIPE_KEYS, RUNS, SHARDS, dagster_key, lake_key, split_run
from guyot.errors import EvaluationError
from jobs.spans import span_tags
from recipes import RECIPES, SEEDS, TRAINED

RANGED = [
    name for name, a in discover.assets().items()
    if a.partitions_def in (SHARDS, RECIPE_KEYS) and a.group_name != "train"  # which is of the trained ones
    and "text" in a.documents
]  # fmt: skip


def test_recipes_and_runs_are_those_of_the_file_a_user_edits() -> None:
    assert [recipe.name for recipe in RECIPES] == list(BY_NAME)
    assert sorted(RECIPE_KEYS.get_partition_keys()) == sorted(BY_NAME)
    assert tuple(RECIPE_KEYS.get_partition_keys()[: len(TRAINED)]) == TRAINED, "side by side: one run"
    keys = RUNS.get_partition_keys()
    assert sorted(keys) == sorted(f"{recipe.name}|{seed}" for recipe in RECIPES for seed in SEEDS)
    assert {dagster_key(lake_key(key)) for key in keys} == set(keys)
    assert [split_run(lake_key(key)) for key in ("d4|0", "a-b_c|12")] == [("d4", 0), ("a-b_c", 12)]


def test_a_range_of_partitions_is_one_run_and_every_asset_allows_it() -> None:
    from definitions import defs

    for spec in defs.resolve_all_asset_specs():
        if spec.partitions_def is not None:
            policy = defs.resolve_assets_def(spec.key).backfill_policy
            assert policy == dg.BackfillPolicy.single_run(), spec.key


def ranged(lake: LakeResources, name: str, keys: list[str]) -> dg.ExecuteInProcessResult:
    """Materialize a range of partitions in one run."""
    asset = to_dagster(discover.asset(name))
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(SHARDS.name), lake.shards())
        inputs = [dg.AssetSpec(key, partitions_def=discover.asset(key.to_user_string()).partitions_def)
                  for key in sorted(asset.dependency_keys)]  # fmt: skip
        tags = span_tags((keys[0], keys[-1]))
        return dg.materialize(
            [asset, *inputs], resources={"settings": lake.settings}, tags=tags, instance=instance
        )


@pytest.mark.parametrize("name", RANGED)
def test_a_range_says_for_each_partition_its_rows_and_version(lake: LakeResources, name: str) -> None:
    everything = lake.shards() if discover.asset(name).is_per_shard else RECIPE_KEYS.get_partition_keys()
    keys = everything[1:3]
    outcome = ranged(lake, name, keys)
    assert outcome.success
    events = [event.materialization for event in outcome.get_asset_materialization_events()]
    assert sorted(str(event.partition) for event in events) == sorted(keys)
    for event in events:
        manifest = lake.store.required(name, str(event.partition))
        shown = {key: value.value for key, value in event.metadata.items()}
        assert shown["dagster/row_count"] == manifest.rows
        assert (shown["version"], shown["content"]) == (manifest.version, manifest.content)
    assert len({event.metadata["content"].value for event in events}) == len(keys)


def test_a_range_builds_what_is_stale_and_reuses_the_rest(changed: Any) -> None:
    lake = changed(reading__max_document_bytes=999_999)
    before = {shard: lake.store.required("raw_shards", shard) for shard in lake.shards()}
    asked = lake.shards()[:2]
    assert ranged(lake, "raw_shards", asked).success
    for shard in lake.shards():
        after = lake.store.required("raw_shards", shard)
        assert (after.version != before[shard].version) == (shard in asked)
        assert after.content == before[shard].content
        assert spec_of(lake, "quality_signals", shard).is_live(lake.store)  # equal content ripples no further


def test_one_partition_that_fails_fails_the_run_and_leaves_the_others(changed: Any) -> None:
    lake = changed(reading__max_document_bytes=999_999)
    first, second = lake.shards()[:2]
    table = lake.store.table(lake.store.required("shard_registry"))
    uris = [
        f"{u}.gone" if s == second else u
        for u, s in zip(table["uri"].to_pylist(), table["shard"].to_pylist(), strict=True)
    ]
    with lake.store.write("shard_registry", "all", inputs={"moved": ""}, settings={}, code="") as writer:
        writer.table(table.set_column(0, table.schema.field("uri"), [uris]))
    before = lake.store.required("raw_shards", second)
    with pytest.raises(Exception, match="gone"):
        ranged(lake, "raw_shards", [first, second])
    assert spec_of(lake, "raw_shards", first).is_live(lake.store)
    assert lake.store.required("raw_shards", second) == before


def test_a_training_that_fails_is_no_failure_of_those_beside_it(
    changed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = changed(training__learning_rate=0.01)
    module = importlib.import_module("assets.train.training_runs")
    initial_weights = getattr(module, "initial_weights")

    def diverge(build: Build) -> Any:
        if build.key == "everything/0":
            raise EvaluationError("the loss is nan")
        return initial_weights(build)

    monkeypatch.setattr(module, "initial_weights", diverge)
    keys = [key for key in RUNS.get_partition_keys() if key.endswith("|0")][:3]
    assert [split_run(lake_key(key))[0] for key in keys] == list(TRAINED[:3])
    with pytest.raises(
        Exception, match="1 of 3 runs of training_runs cannot be built, the others are: run eve"
    ):
        ranged(lake, "training_runs", keys)
    live = [spec_of(lake, "training_runs", lake_key(key)).is_live(lake.store) for key in keys]
    assert live == [False, True, True]

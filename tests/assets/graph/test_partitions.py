"""Partitions: recipes and seeds of recipes.py, shards of the registry, and ranges of them in one run."""

import itertools
from typing import Any

import dagster as dg
import pytest
from support.corpus import resources_of

from assets.cluster import cluster_assignments
from assets.graph.partitions import BY_NAME, RECIPE_KEYS, RUNS, SHARDS, runs
from assets.graph.plan import Lake, span_tags
from assets.ingest import embeddings, quality_signals, raw_shards
from assets.prune import epoch_schedules, pruned_mixtures
from recipes import RECIPES, SEEDS

OF_SHARDS = (
    raw_shards.raw_shards,
    quality_signals.quality_signals,
    embeddings.embeddings,
    cluster_assignments.cluster_assignments,
)
OF_RECIPES = (pruned_mixtures.pruned_mixtures, epoch_schedules.epoch_schedules)


def test_recipes_and_runs_are_those_of_the_file_a_user_edits() -> None:
    assert RECIPE_KEYS.get_partition_keys() == [recipe.name for recipe in RECIPES] == list(BY_NAME)
    keys = RUNS.get_partition_keys()
    assert sorted(keys) == sorted(f"{recipe.name}|{seed}" for recipe in RECIPES for seed in SEEDS)
    assert runs(["d4|0", "a-b_c|12"]) == [("d4", 0), ("a-b_c", 12)]
    assert sorted(runs(keys)) == sorted(itertools.product(BY_NAME, SEEDS))


def test_a_range_of_partitions_is_one_run_and_every_asset_allows_it() -> None:
    from definitions import defs

    for spec in defs.resolve_all_asset_specs():
        if spec.partitions_def is not None:
            policy = defs.resolve_assets_def(spec.key).backfill_policy
            assert policy == dg.BackfillPolicy.single_run(), spec.key


def ranged(lake: Lake, asset: dg.AssetsDefinition, keys: list[str]) -> dg.ExecuteInProcessResult:
    """Materialize a range of partitions in one run."""
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(SHARDS.name), lake.shards())
        inputs = [dg.AssetSpec(key) for key in sorted(asset.dependency_keys)]
        tags = span_tags((keys[0], keys[-1]))
        return dg.materialize([asset, *inputs], resources=resources_of(lake), tags=tags, instance=instance)


@pytest.mark.parametrize("asset", [*OF_SHARDS, *OF_RECIPES], ids=lambda asset: asset.key.to_user_string())
def test_a_range_says_for_each_partition_its_rows_and_version(lake: Lake, asset: dg.AssetsDefinition) -> None:
    everything = lake.shards() if asset in OF_SHARDS else list(BY_NAME)
    keys = everything[1:3]
    outcome = ranged(lake, asset, keys)
    assert outcome.success
    events = [event.materialization for event in outcome.get_asset_materialization_events()]
    assert sorted(str(event.partition) for event in events) == sorted(keys)
    for event in events:
        manifest = lake.store.required(asset.key.to_user_string(), str(event.partition))
        shown = {name: value.value for name, value in event.metadata.items()}
        assert shown["dagster/row_count"] == manifest.rows
        assert (shown["version"], shown["content"]) == (manifest.version, manifest.content)
    assert len({event.metadata["content"].value for event in events}) == len(keys)


def test_a_range_makes_what_is_stale_and_revives_the_rest(changed: Any) -> None:
    lake = changed(reading__max_document_bytes=999_999)
    before = {shard: lake.store.required("raw_shards", shard) for shard in lake.shards()}
    asked = lake.shards()[:2]
    assert ranged(lake, raw_shards.raw_shards, asked).success
    for shard in lake.shards():
        after = lake.store.required("raw_shards", shard)
        assert (after.version != before[shard].version) == (shard in asked)
        assert after.content == before[shard].content
        assert quality_signals.spec(lake.store, shard).is_live(lake.store)  # equal content ripples no further


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
        ranged(lake, raw_shards.raw_shards, [first, second])
    assert raw_shards.spec(lake.store, lake.settings, first).is_live(lake.store)
    assert lake.store.required("raw_shards", second) == before

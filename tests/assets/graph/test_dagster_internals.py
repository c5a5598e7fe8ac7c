"""Metadata of many partitions at once, through private names of the pinned Dagster."""

import dagster as dg

from assets.graph.dagster_internals import attach_metadata

KEYS = ["a", "b", "c"]
PARTITIONS = dg.StaticPartitionsDefinition(KEYS)


@dg.asset(partitions_def=PARTITIONS, backfill_policy=dg.BackfillPolicy.single_run())
def measured(context: dg.AssetExecutionContext) -> None:
    context.add_asset_metadata({"before": "kept"}, partition_key="a")
    attach_metadata(
        context, {key: {"place": KEYS.index(key)} for key in context.partition_keys if key != "a"}
    )


def test_it_was_seen_in_the_version_that_is_pinned() -> None:
    assert dg.__version__ == "1.13.27", "try it in the new version"


def test_partitions_have_their_own_and_what_others_have_stays() -> None:
    tags = {"dagster/asset_partition_range_start": "a", "dagster/asset_partition_range_end": "c"}
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = dg.materialize([measured], instance=instance, tags=tags)
    found = {
        event.partition: {name: value.value for name, value in event.materialization.metadata.items()}
        for event in outcome.get_asset_materialization_events()
    }
    assert {key: metadata.get("place") for key, metadata in found.items()} == {"a": None, "b": 1, "c": 2}
    assert found["a"]["before"] == "kept"

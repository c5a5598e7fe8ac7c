"""The private names of Dagster that the graph uses, each with its reason; tested with the pinned version."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster._core.execution.backfill import BulkActionsFilter, BulkActionStatus
from dagster._core.execution.context.metadata_logging import AssetMetadataHandle, OutputMetadataAccumulator


def attach_metadata(
    context: dg.AssetExecutionContext, metadata: Mapping[str | None, Mapping[str, Any]]
) -> None:
    """Attach metadata to partitions, all at once.

    `context.add_asset_metadata` takes one partition; each call of it reads the names of all partitions
    from the database and copies all that was attached before: minutes for thousands of shards.
    """
    step = context.get_step_execution_context()
    attached = {
        AssetMetadataHandle(asset_key=context.asset_key, partition_key=key): values
        for key, values in metadata.items()
    }
    before = step._metadata_accumulator.per_output_metadata
    step._metadata_accumulator = OutputMetadataAccumulator(per_output_metadata={**before, **attached})


def has_open_backfills(instance: dg.DagsterInstance) -> bool:
    """Return whether a backfill of the UI has runs to come; no public name asks for these."""
    requested = BulkActionsFilter(statuses=[BulkActionStatus.REQUESTED])
    return bool(instance.get_backfills(filters=requested, limit=1))

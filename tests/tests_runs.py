"""Runs that automation asked for, executed in this process as Dagster's worker would."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from jobs.plan import Lake
    from jobs.requests import Request


def execute(lake: Lake, instance: dg.DagsterInstance, request: Request) -> dg.ExecuteInProcessResult:
    """Execute a request as it would be queued."""
    from definitions import defs

    asked = request.run_request()
    return defs.resolve_job_def(request.job).execute_in_process(
        instance=instance, asset_selection=asked.asset_selection, tags=asked.tags, raise_on_error=False,
        run_config={"resources": {"settings": {"config": lake.settings.model_dump()}}},
    )  # fmt: skip


def execute_broken(lake: Lake, instance: dg.DagsterInstance, request: Request) -> dg.ExecuteInProcessResult:
    """Execute it while the registry is away, so that it fails."""
    registry = Path(lake.store.path("shard_registry"))
    away = registry.rename(registry.with_name("away"))
    try:
        return execute(lake, instance, request)
    finally:
        away.rename(registry)


def made(outcome: dg.ExecuteInProcessResult) -> dict[str, list[str]]:
    """List the partitions that a run materialized, by asset."""
    found: dict[str, list[str]] = {}
    for event in outcome.get_asset_materialization_events():
        found.setdefault(event.asset_key.to_user_string(), []).append(event.partition or "")
    return {asset: sorted(partitions) for asset, partitions in found.items()}

"""Runs that automation asked for, executed in this process as Dagster's worker would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.events import EngineEventData
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

if TYPE_CHECKING:
    from assets.graph.lake import LakeResources
    from jobs.requests import Request


def execute(lake: LakeResources, instance: dg.DagsterInstance, request: Request) -> dg.ExecuteInProcessResult:
    """Execute a request as it would be queued."""
    from definitions import defs

    asked = request.run_request()
    return defs.resolve_job_def(request.job).execute_in_process(
        instance=instance, asset_selection=asked.asset_selection, tags=asked.tags, raise_on_error=False,
        run_config={"resources": {"settings": {"config": lake.settings.model_dump()}}},
    )  # fmt: skip


def execute_broken(
    lake: LakeResources, instance: dg.DagsterInstance, request: Request
) -> dg.ExecuteInProcessResult:
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


def dead_process() -> int:
    """Return the number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def name_process(instance: dg.DagsterInstance, run: dg.DagsterRun, pid: int) -> None:
    """Write into a run's events which process executes it, as Dagster's worker does."""
    data = EngineEventData({"pid": dg.MetadataValue.text(str(pid))})
    instance.report_engine_event("Started process for run", run, data)


def left_by_the_service(instance: dg.DagsterInstance, job: str, tags: dict[str, str]) -> dg.DagsterRun:
    """Leave a run as a service does that was killed: started, and its process is gone."""
    from definitions import defs

    location = ManagedGrpcPythonEnvCodeLocationOrigin(
        LoadableTargetOrigin(python_file="definitions.py"), "guyot"
    )
    origin = RemoteJobOrigin(RemoteRepositoryOrigin(location, "__repository__"), job)
    run = instance.create_run_for_job(
        defs.resolve_job_def(job), tags=tags, status=dg.DagsterRunStatus.STARTED, remote_job_origin=origin
    )
    name_process(instance, run, dead_process())
    return run

"""Every private name of Dagster's that jobs use, each with the reason; tested against the pinned version.

Those that assets use are in assets/graph/dagster_internals.py; nothing else imports private modules of it.
"""

import contextlib
import datetime
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from dagster._core.scheduler.instigation import InstigatorState
    from dagster._core.workspace.context import WorkspaceProcessContext

SEEN_IN = "1.13.27"  # the version of Dagster in which all of these were tried


@contextlib.contextmanager
def workspace_of(instance: dg.DagsterInstance, workspace_file: Path) -> Iterator["WorkspaceProcessContext"]:
    """Load a workspace.yaml, as the daemon does; sensors are started and runs retried through it."""
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget

    target = WorkspaceFileTarget(paths=[str(workspace_file)])
    with WorkspaceProcessContext(instance, target) as workspace:
        yield workspace


def retry_runs(instance: dg.DagsterInstance, run_ids: Iterable[str], workspace_file: Path) -> int:
    """Queue failed runs again with their tags and partitions, as the daemon does; return how many."""
    from dagster._core.storage.tags import AUTO_RETRY_RUN_ID_TAG
    from dagster._daemon.auto_run_reexecution.auto_run_reexecution import retry_run

    ids = list(run_ids)
    with workspace_of(instance, workspace_file) as workspace:
        for run_id in ids:
            failed = instance.get_run_by_id(run_id)
            if failed is not None:
                retry_run(failed, workspace)
    runs = [instance.get_run_by_id(run_id) for run_id in ids]
    return sum(run is not None and AUTO_RETRY_RUN_ID_TAG in run.tags for run in runs)


def is_daemon_alive(instance: dg.DagsterInstance) -> bool:
    """Return whether there is a daemon; Dagster's public names tell of it in the UI alone."""
    from dagster._daemon.controller import all_daemons_live

    return all_daemons_live(instance)


def next_tick(cron: str, after: datetime.datetime) -> datetime.datetime:
    """Return when a schedule in UTC ticks next, as the daemon counts it."""
    from dagster._utils.schedules import cron_string_iterator

    return next(cron_string_iterator(after.timestamp(), cron, "UTC"))


def last_outcome(instance: dg.DagsterInstance, state: "InstigatorState") -> tuple[float, str] | None:
    """Return when a sensor or a schedule ticked last, and what it did; None if it never ticked."""
    from dagster._core.scheduler.instigation import TickStatus

    ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1)
    if not ticks:
        return None
    tick = ticks[0]
    match tick.status:
        case TickStatus.SKIPPED:
            outcome = tick.skip_reason or "nothing to do"
        case TickStatus.SUCCESS:
            outcome = f"asked for run {', '.join(tick.run_ids)}"
        case TickStatus.FAILURE:
            error = tick.error.message.strip().splitlines()[-1] if tick.error else "see the UI"
            outcome = f"failed: {error}"
        case _:
            outcome = "is looking"
    return tick.timestamp, outcome

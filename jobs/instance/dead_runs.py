"""Runs whose process has ended: Dagster would keep them as running for ever, so they are failed here.

A run that died together with its machine stays STARTED, and with it its slot in the queue and in every
pool; nothing in Dagster notices. The janitor does, for the runs of this machine.
"""

import contextlib
import dataclasses
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import psutil

from jobs.instance import dagster_internals
from resources.lake import saved_batches, workdirs
from resources.storage.files import Files

PROCESS_TAG = "guyot/process"  # on runs that `guyot` executes in its own process: host and pid
_AT_WORK = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
_STARTING_SECONDS = 600


@dataclasses.dataclass(frozen=True)
class Dead:
    """A run whose process has ended.

    relaunches : whether someone else than `guyot run` had started it, and so waits for it
    """

    run: dg.DagsterRun
    why: str

    @property
    def relaunches(self) -> bool:
        """Return whether its partitions are to be requested again."""
        return PROCESS_TAG not in self.run.tags


def process_tag() -> dict[str, str]:
    """Return the tag of a run that this process executes."""
    return {PROCESS_TAG: f"{socket.gethostname()}_{os.getpid()}"}


def recover(instance: dg.DagsterInstance, files: Files, now: float) -> tuple[list[Dead], int]:
    """Free the slots that dead workers hold and remove the folders that they left.

    Returns
    -------
    The runs that were dead, and how many folders of dead writers and given-up builds were removed.
    """
    return fail_dead_runs(instance, now), workdirs.sweep(files) + saved_batches.sweep(files, now)


def fail_dead_runs(instance: dg.DagsterInstance, now: float) -> list[Dead]:
    """Fail the runs of this machine whose process has ended, and free the slots that no live run holds.

    Parameters
    ----------
    now : time, in seconds since the epoch
    """
    found = list(_dead(instance, now))
    for dead in found:
        instance.report_run_failed(dead.run, f"{dead.why}; its partitions are asked for again")
    storage = instance.event_log_storage
    if storage.supports_global_concurrency_limits:
        holders = list(storage.get_concurrency_run_ids())
        records = instance.get_run_records(dg.RunsFilter(run_ids=holders)) if holders else []
        for record in records:
            if record.dagster_run.is_finished:
                storage.free_concurrency_slots_for_run(record.dagster_run.run_id)
    return found


def relaunch(instance: dg.DagsterInstance, dead: list[Dead], workspace_file: Path) -> int:
    """Request the partitions of dead runs again, with the same tags.

    Parameters
    ----------
    workspace_file : the deployment's workspace.yaml

    Returns
    -------
    How many runs were queued; `guyot run` itself asks anew for what is stale, and a run that was started
    without a workspace cannot be.
    """
    waiting = [one.run.run_id for one in dead if one.relaunches]
    return dagster_internals.retry_runs(instance, waiting, workspace_file) if waiting else 0


def _dead(instance: dg.DagsterInstance, now: float) -> Iterator[Dead]:
    """Find the runs whose process is gone."""
    for record in instance.get_run_records(dg.RunsFilter(statuses=_AT_WORK)):
        run, since = record.dagster_run, record.update_timestamp.timestamp()
        host, _, tagged = run.tags.get(PROCESS_TAG, "").rpartition("_")
        if host and host != socket.gethostname():
            continue
        pids = [int(tagged)] if tagged else _pids(instance, run.run_id)
        if not pids and now - since < _STARTING_SECONDS:
            continue
        begun = record.start_time or since
        if not any(_is_alive(pid, begun) for pid in pids):
            named = f"process {pids[-1]} is gone" if pids else f"no process since {now - since:.0f} s"
            yield Dead(run, f"{socket.gethostname()}: {named}")


def _pids(instance: dg.DagsterInstance, run_id: str) -> list[int]:
    """Find the processes that a run's events name, the one that executes it last."""
    found: list[int] = []
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT):
        event = entry.dagster_event
        metadata = event.engine_event_data.metadata if event is not None else {}
        with contextlib.suppress(KeyError, ValueError):
            found.append(int(str(metadata["pid"].value)))
    return found


def _is_alive(pid: int, run_begun: float) -> bool:
    """Return whether a process exists and is not a later one with the same number."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= run_begun + 1
    except psutil.NoSuchProcess:
        return False

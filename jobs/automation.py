"""What happens by itself: whether it is on, what it did last, and when it looks again."""

import dataclasses
import datetime
from pathlib import Path

import dagster as dg
from dagster._core.scheduler.instigation import InstigatorState, InstigatorTick, TickStatus
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._daemon.controller import all_daemons_live
from dagster._utils.schedules import cron_string_iterator

from guyot.errors import SettingError
from jobs.curate import curate_nightly
from jobs.ingest import ingest_changed_shards
from resources.settings import ROOT

WORKSPACE = ROOT / "workspace.yaml"
NAMES = (ingest_changed_shards.name, curate_nightly.name)


@dataclasses.dataclass(frozen=True)
class Automation:
    """One of them.

    on : whether it is running
    when : how often it looks, in words
    last : what it saw or did the last time, or empty
    """

    name: str
    on: bool
    when: str
    last: str


def switch(instance: dg.DagsterInstance, names: tuple[str, ...], workspace_file: Path, *, on: bool) -> None:
    """Start or stop the sensor, the schedule, or both.

    Raises
    ------
    SettingError : no such name, or the workspace does not load or does not have it; nothing is switched.
    """
    for name in names:
        if name not in NAMES:
            raise SettingError(f"automation {name!r} is not there; choose from {', '.join(NAMES)}")
    with WorkspaceProcessContext(instance, WorkspaceFileTarget(paths=[str(workspace_file)])) as workspace:
        context = workspace.create_request_context()
        errors = [
            error for entry in context.get_code_location_entries().values() if (error := entry.load_error)
        ]
        if errors:
            raise SettingError(f"{workspace_file} does not load: {errors[0].message.strip()}")
        there = [r for at in context.code_locations for r in at.get_repositories().values()]
        sensors = [found for r in there for found in r.get_sensors() if found.name in names]
        schedules = [found for r in there for found in r.get_schedules() if found.name in names]
        lacking = set(names) - {found.name for found in (*sensors, *schedules)}
        if lacking:
            raise SettingError(f"{workspace_file} loads, but there is no {', '.join(sorted(lacking))} in it")
        for sensor in sensors:
            if on:
                instance.start_sensor(sensor)
            else:
                instance.stop_sensor(sensor.get_remote_origin_id(), sensor.selector_id, sensor)
        for schedule in schedules:
            if on:
                instance.start_schedule(schedule)
            else:
                instance.stop_schedule(schedule.get_remote_origin_id(), schedule.selector_id, schedule)


def status(instance: dg.DagsterInstance, now: datetime.datetime) -> list[Automation]:
    """Tell of the sensor and of the schedule."""
    seconds = ingest_changed_shards.minimum_interval_seconds
    cron = str(curate_nightly.cron_schedule)
    following = next(cron_string_iterator(now.timestamp(), cron, "UTC"))
    when = (f"every {seconds} s", f"{cron} (UTC), next at {following:%Y-%m-%d %H:%M}")
    states = {state.name: state for state in instance.all_instigator_state()}
    return [
        Automation(name, name in states and states[name].is_running, often, _last(instance, states.get(name)))
        for name, often in zip(NAMES, when, strict=True)
    ]


def is_daemon_alive(instance: dg.DagsterInstance) -> bool:
    """Say whether there is a daemon, without which nothing happens by itself."""
    return all_daemons_live(instance)


def _last(instance: dg.DagsterInstance, state: InstigatorState | None) -> str:
    """Say what came of the last tick."""
    if state is None:
        return ""
    ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1)
    return f"{_time(ticks[0].timestamp)}: {_outcome(ticks[0])}" if ticks else ""


def _outcome(tick: InstigatorTick) -> str:
    """Say what a tick did."""
    match tick.status:
        case TickStatus.SKIPPED:
            return tick.skip_reason or "nothing to do"
        case TickStatus.SUCCESS:
            return f"asked for run {', '.join(tick.run_ids)}"
        case TickStatus.FAILURE:
            return f"failed: {tick.error.message.strip().splitlines()[-1] if tick.error else 'see the UI'}"
        case _:
            return "is looking"


def _time(timestamp: float) -> str:
    """Write a time."""
    return f"{datetime.datetime.fromtimestamp(timestamp, datetime.UTC):%Y-%m-%d %H:%M:%S} UTC"

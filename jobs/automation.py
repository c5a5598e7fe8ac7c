"""What happens by itself: whether it is on, what it did last, and when it looks again."""

import dataclasses
import datetime
from pathlib import Path

import dagster as dg

from guyot.errors import SettingError
from jobs.curate import curate_nightly
from jobs.ingest import ingest_changed_shards
from jobs.instance import dagster_internals

NAMES = (ingest_changed_shards.name, curate_nightly.name)


@dataclasses.dataclass(frozen=True)
class AutomationStatus:
    """The state of the sensor or of the schedule.

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
    with dagster_internals.workspace_of(instance, workspace_file) as workspace:
        context = workspace.create_request_context()
        errors = [
            error for entry in context.get_code_location_entries().values() if (error := entry.load_error)
        ]
        if errors:
            raise SettingError(f"{workspace_file} does not load: {errors[0].message.strip()}")
        repositories = [r for at in context.code_locations for r in at.get_repositories().values()]
        sensors = [found for r in repositories for found in r.get_sensors() if found.name in names]
        schedules = [found for r in repositories for found in r.get_schedules() if found.name in names]
        missing = set(names) - {found.name for found in (*sensors, *schedules)}
        if missing:
            raise SettingError(f"{workspace_file} loads, but there is no {', '.join(sorted(missing))} in it")
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


def status(instance: dg.DagsterInstance, now: datetime.datetime) -> list[AutomationStatus]:
    """Return the state of the sensor and of the schedule."""
    cron = str(curate_nightly.cron_schedule)
    following = dagster_internals.next_tick(cron, now)
    when = (
        f"every {ingest_changed_shards.minimum_interval_seconds} s",
        f"{cron} (UTC), next at {following:%Y-%m-%d %H:%M}",
    )
    states = {state.name: state for state in instance.all_instigator_state()}
    found: list[AutomationStatus] = []
    for name, often in zip(NAMES, when, strict=True):
        state = states.get(name)
        last = dagster_internals.last_outcome(instance, state) if state else None
        text = f"{_time(last[0])}: {last[1]}" if last else ""
        found.append(AutomationStatus(name, state is not None and state.is_running, often, text))
    return found


def _time(timestamp: float) -> str:
    """Write a time."""
    return f"{datetime.datetime.fromtimestamp(timestamp, datetime.UTC):%Y-%m-%d %H:%M:%S} UTC"

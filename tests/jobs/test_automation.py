"""Sensor and schedule are switched on and off, together or one by one, and tell what they did."""

import datetime
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import InstigatorTick, TickData, TickStatus
from dagster._daemon.types import DaemonHeartbeat
from dagster._utils.error import SerializableErrorInfo

from guyot.errors import SettingError
from jobs import automation
from jobs.instance.home import instance_of
from resources.settings import Settings

NOON = datetime.datetime(2026, 1, 2, 12, tzinfo=datetime.UTC)
SENSOR, SCHEDULE = automation.NAMES


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with instance_of(Settings(lake=str(tmp_path / "lake"), source=str(tmp_path))) as instance:
        yield instance


def on(instance: dg.DagsterInstance) -> dict[str, bool]:
    return {one.name: one.on for one in automation.status(instance, NOON)}


def test_an_unknown_name_is_refused_with_those_there_are(instance: dg.DagsterInstance) -> None:
    with pytest.raises(SettingError, match=f"nightly.*{SENSOR}, {SCHEDULE}"):
        automation.switch(instance, (SENSOR, "nightly"), automation.WORKSPACE, on=True)
    assert on(instance) == {SENSOR: False, SCHEDULE: False}


def test_both_are_switched_on_and_one_off_again(instance: dg.DagsterInstance) -> None:
    assert on(instance) == {SENSOR: False, SCHEDULE: False}
    automation.switch(instance, automation.NAMES, automation.WORKSPACE, on=True)
    assert on(instance) == {SENSOR: True, SCHEDULE: True}
    automation.switch(instance, (SCHEDULE,), automation.WORKSPACE, on=False)
    assert on(instance) == {SENSOR: True, SCHEDULE: False}
    automation.switch(instance, (SENSOR,), automation.WORKSPACE, on=False)
    assert on(instance) == {SENSOR: False, SCHEDULE: False}

    (state,) = (state for state in instance.all_instigator_state() if state.name == SENSOR)
    for second, (status, reason, runs, told) in enumerate(
        (
            (TickStatus.SKIPPED, "12 shards, all current", [], "12 shards, all current"),
            (TickStatus.SUCCESS, None, ["some-run"], "asked for run some-run"),
            (TickStatus.STARTED, None, [], "is looking"),
        )
    ):
        instance.create_tick(
            TickData(
                state.instigator_origin_id, SENSOR, state.instigator_type, status, NOON.timestamp() + second,
                run_ids=runs, skip_reason=reason, selector_id=state.selector_id,
            )
        )  # fmt: skip
        last = automation.status(instance, NOON)[0].last
        assert last.startswith(f"2026-01-02 12:00:0{second} UTC: {told}")


def test_the_next_time_is_told(instance: dg.DagsterInstance) -> None:
    sensor, schedule = automation.status(instance, NOON)
    assert sensor.when == "every 30 s"
    assert schedule.when == "0 2-6 * * * (UTC), next at 2026-01-03 02:00"
    assert sensor.last == schedule.last == ""


def test_a_workspace_that_does_not_load_is_told(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("raise RuntimeError('no such module')")
    workspace = tmp_path / "workspace.yaml"
    workspace.write_text("load_from:\n  - python_file: {relative_path: broken.py, location_name: broken}\n")
    with pytest.raises(SettingError, match=r"workspace\.yaml does not load"):
        automation.switch(instance, (SENSOR,), workspace, on=True)


def test_a_workspace_without_it_is_told(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("import dagster as dg\ndefs = dg.Definitions()\n")
    workspace = tmp_path / "workspace.yaml"
    workspace.write_text("load_from:\n  - python_file: {relative_path: other.py, location_name: other}\n")
    with pytest.raises(SettingError, match=f"there is no {SENSOR} in it"):
        automation.switch(instance, (SENSOR,), workspace, on=True)


def test_there_is_no_daemon_until_one_is_started(instance: dg.DagsterInstance) -> None:
    assert not automation.is_daemon_alive(instance)
    daemons = sorted(instance.get_required_daemon_types())
    for number, daemon in enumerate(daemons, 1):
        instance.add_daemon_heartbeat(DaemonHeartbeat(time.time(), daemon, "one", []))
        assert automation.is_daemon_alive(instance) == (number == len(daemons)), "all of it"
    instance.add_daemon_heartbeat(DaemonHeartbeat(time.time() - 3600, daemons[0], "one", []))
    assert not automation.is_daemon_alive(instance)


def test_a_failed_look_is_told_by_the_last_line_of_its_error() -> None:
    why = SerializableErrorInfo(
        "guyot.errors.SettingError: source='x'\ncannot be listed\n", [], "SettingError"
    )
    data = TickData("origin", SENSOR, InstigatorType.SENSOR, TickStatus.FAILURE, NOON.timestamp(), error=why)
    assert automation._outcome(InstigatorTick(1, data)) == "failed: cannot be listed"

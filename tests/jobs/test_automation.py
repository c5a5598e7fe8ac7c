"""Sensor and schedule are switched on and off, together or one by one, and tell what they did."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.scheduler.instigation import TickData, TickStatus
from dagster._utils.error import SerializableErrorInfo

from guyot.errors import SettingError
from jobs import automation
from jobs.instance.home import instance_of
from resources.settings import ROOT, Settings

NOON = datetime.datetime(2026, 1, 2, 12, tzinfo=datetime.UTC)
SENSOR, SCHEDULE = automation.NAMES
WHY = SerializableErrorInfo("guyot.errors.SettingError: source='x'\ncannot be listed\n", [], "SettingError")


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with instance_of(Settings(lake=str(tmp_path / "lake"), source=str(tmp_path))) as instance:
        yield instance


def on(instance: dg.DagsterInstance) -> dict[str, bool]:
    return {one.name: one.on for one in automation.status(instance, NOON)}


def test_an_unknown_name_is_refused_with_those_there_are(instance: dg.DagsterInstance) -> None:
    with pytest.raises(SettingError, match=f"nightly.*{SENSOR}, {SCHEDULE}"):
        automation.switch(instance, (SENSOR, "nightly"), ROOT / "workspace.yaml", on=True)
    assert on(instance) == {SENSOR: False, SCHEDULE: False}


@pytest.mark.long
@pytest.mark.in_ci
def test_both_are_switched_on_and_one_off_again(instance: dg.DagsterInstance) -> None:
    assert on(instance) == {SENSOR: False, SCHEDULE: False}
    automation.switch(instance, automation.NAMES, ROOT / "workspace.yaml", on=True)
    assert on(instance) == {SENSOR: True, SCHEDULE: True}
    automation.switch(instance, (SCHEDULE,), ROOT / "workspace.yaml", on=False)
    assert on(instance) == {SENSOR: True, SCHEDULE: False}
    automation.switch(instance, (SENSOR,), ROOT / "workspace.yaml", on=False)
    assert on(instance) == {SENSOR: False, SCHEDULE: False}

    (state,) = (state for state in instance.all_instigator_state() if state.name == SENSOR)
    for second, (status, reason, runs, told) in enumerate(
        (
            (TickStatus.SKIPPED, "12 shards, all current", [], "12 shards, all current"),
            (TickStatus.SUCCESS, None, ["some-run"], "asked for run some-run"),
            (TickStatus.STARTED, None, [], "is looking"),
            (TickStatus.FAILURE, None, [], "failed: cannot be listed"),
        )
    ):
        instance.create_tick(
            TickData(
                state.instigator_origin_id, SENSOR, state.instigator_type, status, NOON.timestamp() + second,
                run_ids=runs, skip_reason=reason, selector_id=state.selector_id,
                error=WHY if status == TickStatus.FAILURE else None,
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

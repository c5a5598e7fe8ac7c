"""The private names of Dagster's: all in two modules, and seen to work in the version that is pinned."""

import datetime
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._daemon.types import DaemonHeartbeat

from jobs.instance import dagster_internals
from jobs.instance.home import instance_of
from resources.settings import ROOT, Settings

HOLDERS = {"assets/graph/dagster_internals.py", "jobs/instance/dagster_internals.py"}
FOLDERS = ("guyot", "resources", "assets", "jobs", "docs", "definitions.py", "recipes.py")


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with instance_of(Settings(lake=str(tmp_path / "lake"), source=str(tmp_path))) as instance:
        yield instance


def test_they_were_seen_in_the_version_that_is_pinned() -> None:
    assert dg.__version__ == dagster_internals.SEEN_IN == "1.13.27", "try each of them in the new version"


def test_no_other_file_has_any() -> None:
    listed = subprocess.run(
        ["git", "ls-files", *FOLDERS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [name for name in listed.stdout.split() if name.endswith(".py") and (ROOT / name).exists()]
    private = re.compile(r"^\s*(from|import) dagster(\.\w+)*\._|\bcontext\._|step\._", re.MULTILINE)
    assert {name for name in files if private.search((ROOT / name).read_text())} == HOLDERS


def test_there_is_no_daemon_until_all_of_it_is_started(instance: dg.DagsterInstance) -> None:
    assert not dagster_internals.is_daemon_alive(instance)
    daemons = sorted(instance.get_required_daemon_types())
    for number, daemon in enumerate(daemons, 1):
        instance.add_daemon_heartbeat(DaemonHeartbeat(time.time(), daemon, "one", []))
        assert dagster_internals.is_daemon_alive(instance) == (number == len(daemons))
    instance.add_daemon_heartbeat(DaemonHeartbeat(time.time() - 3600, daemons[0], "one", []))
    assert not dagster_internals.is_daemon_alive(instance)


def test_the_next_tick_is_after_the_time_given() -> None:
    noon = datetime.datetime(2026, 1, 2, 12, tzinfo=datetime.UTC)
    assert dagster_internals.next_tick("0 2-6 * * *", noon) == datetime.datetime(
        2026, 1, 3, 2, tzinfo=datetime.UTC
    )


def test_a_workspace_is_loaded_and_a_run_without_one_is_not_queued_again(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    (tmp_path / "small.py").write_text(
        "import dagster as dg\n@dg.job\ndef nothing(): ...\ndefs = dg.Definitions(jobs=[nothing])\n"
    )
    workspace_file = tmp_path / "workspace.yaml"
    workspace_file.write_text("load_from:\n  - python_file: {relative_path: small.py, location_name: one}\n")
    with dagster_internals.workspace_of(instance, workspace_file) as workspace:
        (location,) = workspace.create_request_context().code_locations
        (repository,) = location.get_repositories().values()
        assert "nothing" in {job.name for job in repository.get_all_jobs()}
    assert dagster_internals.retry_runs(instance, ["no-such-run"], workspace_file) == 0

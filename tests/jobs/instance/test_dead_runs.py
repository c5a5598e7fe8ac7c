"""Runs of dead processes are failed, and their slots are free; runs of the living are left alone."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from support.lake import environment, lake_at, write_corpus
from support.runs import dead_process, left_by_the_service, name_process
from support.service import wait_for

from assets.graph.lake import LakeResources
from jobs.instance import dead_runs
from jobs.instance.home import dagster_home, instance_of
from jobs.requests import REQUEST_TAG
from resources.settings import ROOT

# ingests up to the first embedding, says so, and stays there
STOPS_AT_EMBEDDINGS = """
import dataclasses, time
from assets.ingest import embeddings
def stay(*_):
    print("there", flush=True)
    time.sleep(600)
embeddings.embeddings = dataclasses.replace(embeddings.embeddings, build=stay)
from jobs.materialize import materialize_stale
from resources.settings import Settings
materialize_stale(Settings(), ["everything"], "embeddings")
"""


@pytest.fixture
def lake(tmp_path: Path) -> LakeResources:
    write_corpus(tmp_path / "source")
    return lake_at(tmp_path / "lake", tmp_path / "source", reading__shard_bytes=1_000_000)


@pytest.fixture
def worker(lake: LakeResources) -> Iterator[subprocess.Popen[str]]:
    """Return a process that is in the middle of a run, in a pool."""
    env = environment(lake, DAGSTER_HOME=str(dagster_home(lake.settings)))
    command = [sys.executable, "-c", STOPS_AT_EMBEDDINGS]
    with subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        yield process
        process.kill()


def started(instance: dg.DagsterInstance) -> list[str]:
    return [run.run_id for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))]


def test_a_run_is_failed_and_its_slot_freed_when_its_process_is_gone_and_not_before(
    lake: LakeResources, worker: subprocess.Popen[str]
) -> None:
    with instance_of(lake.settings) as instance:
        (run_id,) = started(instance)
        assert dead_runs.fail_dead_runs(instance, time.time() + 1e6) == []
        assert started(instance) == [run_id]

        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert instance.event_log_storage.get_concurrency_run_ids() == {run_id}
        (dead,) = dead_runs.fail_dead_runs(instance, time.time())
        assert dead.run.run_id == run_id
        assert str(worker.pid) in dead.why
        run = instance.get_run_by_id(run_id)
        assert run is not None
        assert run.status == dg.DagsterRunStatus.FAILURE
        assert instance.event_log_storage.get_concurrency_run_ids() == set()

        assert not dead.relaunches, "who asked with `guyot run` asks again"
        assert dead_runs.relaunch(instance, [dead], ROOT / "workspace.yaml") == 0
        assert dead_runs.fail_dead_runs(instance, time.time()) == []


def a_run(instance: dg.DagsterInstance, tags: dict[str, str], status: dg.DagsterRunStatus) -> dg.DagsterRun:
    from definitions import defs

    job = defs.resolve_job_def("scan")
    return instance.create_run_for_job(job, tags=tags, status=status)


def begun_at(instance: dg.DagsterInstance, moment: float) -> dg.DagsterRun:
    """Make a run whose event log says that it was started then."""
    run = a_run(instance, {}, dg.DagsterRunStatus.NOT_STARTED)
    event = dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, job_name=run.job_name)
    instance.report_dagster_event(event, run.run_id, timestamp=moment)
    return run


@contextlib.contextmanager
def idle_process() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        try:
            yield process.pid
        finally:
            process.kill()


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING])
def test_only_what_can_be_known_to_be_dead_is_failed(status: dg.DagsterRunStatus) -> None:
    here, gone = socket.gethostname(), dead_process()
    with dg.DagsterInstance.ephemeral() as instance:
        elsewhere = a_run(instance, {dead_runs.PROCESS_TAG: f"elsewhere_{gone}"}, status)
        mine = a_run(instance, dead_runs.process_tag(), status)
        done = a_run(instance, {dead_runs.PROCESS_TAG: f"{here}_{gone}"}, dg.DagsterRunStatus.SUCCESS)
        killed = a_run(instance, {dead_runs.PROCESS_TAG: f"{here}_{gone}"}, status)
        dead = dead_runs.fail_dead_runs(instance, time.time())
        assert [one.run.run_id for one in dead] == [killed.run_id]
        left = [instance.get_run_by_id(run.run_id) for run in (elsewhere, mine, done)]
        assert [run.status if run else None for run in left] == [status, status, dg.DagsterRunStatus.SUCCESS]


def test_a_younger_process_with_the_same_number_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    assert dead_runs._is_alive(os.getpid(), time.time())
    assert not dead_runs._is_alive(os.getpid(), time.time() - 1e6)


def test_a_run_lives_by_a_process_that_its_events_name_and_that_is_not_younger() -> None:
    with dg.DagsterInstance.ephemeral() as instance, idle_process() as pid:
        now = time.time()
        living, replaced = begun_at(instance, now), begun_at(instance, now - 60)
        for run, named in ((living, dead_process()), (living, pid), (replaced, pid)):
            name_process(instance, run, named)
        (dead,) = dead_runs.fail_dead_runs(instance, now)
        assert dead.run.run_id == replaced.run_id
        assert dead.why == f"{socket.gethostname()}: process {pid} is gone"


def test_a_slot_of_a_run_that_has_ended_is_freed_and_one_of_a_living_run_is_not(lake: LakeResources) -> None:
    with instance_of(lake.settings) as instance:
        storage = instance.event_log_storage
        storage.set_concurrency_slots("memory", 2)
        ended = a_run(instance, {}, dg.DagsterRunStatus.FAILURE)
        living = a_run(instance, dead_runs.process_tag(), dg.DagsterRunStatus.STARTED)
        for run in (ended, living):
            assert storage.claim_concurrency_slot("memory", run.run_id, "step").is_claimed
        assert dead_runs.fail_dead_runs(instance, time.time()) == []
        assert storage.get_concurrency_run_ids() == {living.run_id}


def test_what_the_service_had_started_is_queued_again_as_the_same_work_and_once(lake: LakeResources) -> None:
    with instance_of(lake.settings) as instance:
        served = left_by_the_service(instance, "scan", {REQUEST_TAG: "some work"})
        without_workspace = a_run(instance, {}, dg.DagsterRunStatus.STARTED)
        name_process(instance, without_workspace, dead_process())
        dead = dead_runs.fail_dead_runs(instance, time.time())
        assert {one.run.run_id for one in dead} == {served.run_id, without_workspace.run_id}
        assert dead_runs.relaunch(instance, dead, ROOT / "workspace.yaml") == 1
        (queued,) = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
        assert (queued.parent_run_id, queued.job_name) == (served.run_id, "scan")
        assert queued.tags[REQUEST_TAG] == "some work"
        assert dead_runs.fail_dead_runs(instance, time.time()) == []
        assert len(instance.get_runs()) == 3


def test_a_run_that_names_no_process_is_given_time_to_start() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run = a_run(instance, {}, dg.DagsterRunStatus.STARTING)
        assert dead_runs.fail_dead_runs(instance, time.time()) == []
        (dead,) = dead_runs.fail_dead_runs(instance, time.time() + dead_runs._STARTING_SECONDS + 60)
        assert (dead.run.run_id, dead.relaunches) == (run.run_id, True)
        assert "no process" in dead.why


def test_a_process_that_is_not_waited_for_is_dead(lake: LakeResources) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        wait_for(lambda: not dead_runs._is_alive(process.pid, time.time()), "the end of a process", 20)


def test_what_dead_writers_left_goes_too(lake: LakeResources) -> None:
    left = Path(lake.store.root) / ".writing" / f"{socket.gethostname()}_{dead_process()}_1"
    left.mkdir(parents=True)
    with dg.DagsterInstance.ephemeral() as instance:
        assert dead_runs.recover(instance, lake.store.files, time.time()) == ([], 1)
    assert not left.exists()

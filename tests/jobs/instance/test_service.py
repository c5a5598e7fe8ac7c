"""What died with the last service is failed, queued again and swept; tests/test_service.py runs one."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
from support.lake import lake_at, write_corpus
from support.runs import left_by_the_service

from jobs.instance import dead_runs, service
from jobs.instance.home import instance_of
from resources.settings import ROOT


def test_clearing_fails_the_dead_and_queues_again_what_nobody_waits_for(tmp_path: Path) -> None:
    from definitions import defs

    write_corpus(tmp_path / "source")
    settings = lake_at(tmp_path / "lake", tmp_path / "source").settings
    assert service.recover(settings, ROOT / "workspace.yaml", time.time()) == ([], 0, 0)
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    gone = f"{socket.gethostname()}_{process.pid}"
    (tmp_path / "lake" / ".writing" / f"{gone}_1").mkdir(parents=True)
    with instance_of(settings) as instance:
        by_hand = instance.create_run_for_job(
            defs.resolve_job_def("scan"),
            status=dg.DagsterRunStatus.STARTED,
            tags={dead_runs.PROCESS_TAG: gone},
        )
    dead, queued, swept = service.recover(settings, ROOT / "workspace.yaml", time.time())
    assert [one.run.run_id for one in dead] == [by_hand.run_id]
    assert (queued, swept) == (0, 1)
    assert service.recover(settings, ROOT / "workspace.yaml", time.time()) == ([], 0, 0)


def test_clearing_queues_again_what_the_service_had_started(tmp_path: Path) -> None:
    settings = lake_at(tmp_path / "lake", tmp_path).settings
    with instance_of(settings) as instance:
        served = left_by_the_service(instance, "scan", {})
    dead, queued, _ = service.recover(settings, ROOT / "workspace.yaml", time.time())
    assert ([one.run.run_id for one in dead], queued) == ([served.run_id], 1)
    with instance_of(settings) as instance:
        (again,) = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
    assert again.parent_run_id == served.run_id
    assert service.recover(settings, ROOT / "workspace.yaml", time.time()) == ([], 0, 0)

"""The service on this machine: what died with the last one is cleared, then UI, daemon and code start."""

import contextlib
import os
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import psutil

from assets.graph.lake import LakeResources
from jobs.instance import dead_runs
from jobs.instance.home import dagster_home, instance_of
from resources.settings import Settings

STOP_SECONDS, END_SECONDS = 10.0, 3.0  # for Dagster to end, and then for what it left behind
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def recover(settings: Settings, workspace_file: Path, now: float) -> tuple[list[dead_runs.Dead], int, int]:
    """Fail the runs whose process has ended, request them again, and remove the folders of dead writers.

    Returns
    -------
    The dead runs, how many were queued again, and how many folders were removed.
    """
    with instance_of(settings) as instance:
        dead, swept = dead_runs.recover(instance, LakeResources(settings).store.files, now)
        return dead, dead_runs.relaunch(instance, dead, workspace_file), swept


def run_dagster(settings: Settings, workspace_file: Path, host: str, port: int) -> int:
    """Run Dagster's UI, daemon and code servers until SIGINT, SIGTERM or SIGHUP, then end them all.

    Dagster's own command ends without waiting for its code servers, which then live on by themselves. So all
    of it is a process group here. What is asked to stop has STOP_SECONDS, then END_SECONDS, and is killed
    after that; a run that was under way is queued again by the next `recover`.

    Returns
    -------
    0 where a signal asked for the end, else the exit code of Dagster, which ended by itself.
    """
    environment = {**os.environ, "DAGSTER_HOME": str(dagster_home(settings))}
    dagster = str(Path(sysconfig.get_path("scripts")) / "dagster")
    command = [dagster, "dev", "-w", str(workspace_file), "-h", host, "-p", str(port)]
    sys.stdout.flush()
    for number in _STOPS:  # a script's background ignores SIGINT, and what it starts would too
        signal.signal(number, signal.default_int_handler)
    running = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        return running.wait()
    except KeyboardInterrupt:
        for number in _STOPS:
            signal.signal(number, signal.SIG_IGN)
        running.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(STOP_SECONDS)
        return 0
    finally:
        _end(running)


def _end(leader: subprocess.Popen[bytes]) -> None:
    """End what is left of a process group."""
    with contextlib.suppress(ProcessLookupError):  # nothing is left
        os.killpg(leader.pid, signal.SIGTERM)
        deadline = time.monotonic() + END_SECONDS
        while _is_at_work(leader) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(leader.pid, signal.SIGKILL)
    leader.wait()


def _is_at_work(leader: subprocess.Popen[bytes]) -> bool:
    """Say whether a process of a group runs; one that has ended, and that nobody took note of, does not."""
    leader.poll()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            if os.getpgid(process.pid) == leader.pid and process.status() != psutil.STATUS_ZOMBIE:
                return True
    return False

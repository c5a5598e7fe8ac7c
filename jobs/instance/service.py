"""The service on this machine: what died with the last one is cleared, then UI, daemon and code start."""

import os
import signal
import sys
import sysconfig
from pathlib import Path

from assets.graph.lake import Lake
from jobs.instance import dead_runs
from jobs.instance.home import dagster_home, instance_of
from resources.settings import Settings


def recover(settings: Settings, workspace_file: Path, now: float) -> tuple[list[dead_runs.Dead], int, int]:
    """Fail the runs whose process is gone, queue them again, and remove what dead writers left.

    Returns
    -------
    The dead runs, how many were queued again, and how many folders were removed.
    """
    with instance_of(settings) as instance:
        dead, swept = dead_runs.recover(instance, Lake(settings).store.files, now)
        return dead, dead_runs.relaunch(instance, dead, workspace_file), swept


def exec_dagster(settings: Settings, workspace_file: Path, host: str, port: int) -> None:
    """Turn this process into Dagster's: the UI, the daemon and the code server."""
    os.environ["DAGSTER_HOME"] = str(dagster_home(settings))
    dagster = str(Path(sysconfig.get_path("scripts")) / "dagster")
    sys.stdout.flush()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a script's background ignores it, and Dagster stops by it
    os.execv(dagster, [dagster, "dev", "-w", str(workspace_file), "-h", host, "-p", str(port)])

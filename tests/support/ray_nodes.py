"""A Ray cluster of several nodes on this machine, and functions that run on it."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pytest
from support.small_disk import OWN_MOUNTS

from resources import progress
from resources.lake.store import Store
from resources.settings import ROOT, Settings

PACKAGES = ("guyot", "assets", "resources", "jobs")


@contextlib.contextmanager
def ray_cluster(n_nodes: int = 2, **system: Any) -> Iterator[Any]:
    """Run a head without processors and nodes of one processor each; give the cluster.

    Parameters
    ----------
    system : settings of Ray's own, such as how often a task is tried that ran out of memory
    """
    import ray
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))  # where these functions are for the nodes
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("GUYOT_SEED", "4711")  # of the nodes alone: work that comes to them brings its own
        patch.setenv("GUYOT_LAKE", "/nowhere")
        small = {"object_store_memory": 100 << 20, "include_dashboard": False}
        cluster = Cluster(
            initialize_head=True, head_node_args={"num_cpus": 0, "_system_config": system, **small}
        )
        try:
            for _ in range(n_nodes):
                add_node(cluster)
            for name in ("GUYOT_SEED", "GUYOT_LAKE"):
                patch.delenv(name)
            yield cluster
        finally:
            ray.shutdown()
            cluster.shutdown()


def add_node(cluster: Any, num_cpus: int = 1) -> Any:
    """Add a node that unpacks code in a folder of its own.

    A node removes what lies where it unpacks: of two that share a folder the second takes the code away under
    the first one's workers.
    """
    folder = f"runtime_resources_{len(cluster.list_all_nodes())}_{time.monotonic_ns()}"
    return cluster.add_node(num_cpus=num_cpus, object_store_memory=100 << 20, runtime_env_dir_name=folder)


@contextlib.contextmanager
def node_without_code(address: str) -> Iterator[None]:
    """Run a node on which the packages of the project are empty folders, though installed from the checkout."""
    mounts = [f"mount -t tmpfs tmpfs {shlex.quote(str(ROOT / name))}" for name in PACKAGES]
    program = str(Path(sys.executable).parent / "ray")
    folder = tempfile.mkdtemp(prefix="ray-")  # short: sockets lie in it
    begin = [
        program,
        "start",
        "--address",
        address,
        "--num-cpus",
        "1",
        "--object-store-memory",
        str(100 << 20),
        "--temp-dir",  # beside the head's, which removes what lies where it unpacks code
        folder,
        "--block",
    ]
    script = "; ".join(["set -e", *mounts, f"exec {shlex.join(begin)}"])
    process = subprocess.Popen(
        [*OWN_MOUNTS, "bash", "-c", script],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def code_here(checkout: str) -> str:
    """Say how many files the checkout has here, and from where the project comes that runs."""
    import guyot

    n_files = sum(1 for name in PACKAGES for _ in (Path(checkout) / name).iterdir())
    return f"{n_files} files, {Path(str(guyot.__file__)).parents[1]}"


def square(number: int) -> int:
    """Square, and count it."""
    progress.advance("squares", 1)
    return number * number


def refuse(number: int) -> int:
    """Raise for 3 what the project raises."""
    from guyot.errors import SettingError

    if number == 3:
        raise SettingError("3 was asked for; give another number")
    return number


def die(place: str, number: int, *, always: bool = False) -> int:
    """Die as a worker does that is killed, the first time or always."""
    first = Path(place) / str(number)
    if number == 2 and (always or not first.exists()):
        first.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def write_and_swell(given: str, number: int) -> int:
    """Write half a version of a table, and take memory until killed; of another number than 2, none."""
    if number == 2:
        store: Store = Store(settings=Settings(**json.loads(given)))
        held = []
        with store.write("raw_shards", "swollen", inputs={}, settings={}, code="1") as writer:
            writer.table(pa.table({"doc_id": ["half"]}))
            for _ in range(120):
                held.append(np.ones(100 << 20, np.uint8))  # 12 GB in 12 seconds
                time.sleep(0.1)
    return number


def settings_here(given: str) -> str:
    """Read settings that come as JSON."""
    settings: Settings = Settings(**json.loads(given))
    return f"seed {settings.seed}, lake {settings.lake}"


def seconds(_: int) -> tuple[float, float]:
    """Say when it began and ended."""
    begun = time.time()
    time.sleep(0.5)
    return begun, time.time()


def process(_: int) -> int:
    """Say in which process it runs."""
    time.sleep(0.3)
    return os.getpid()


def find(what: str) -> str:
    """Find something, or nothing."""
    if not what:
        raise OSError("nothing is there")
    return f"found {what}"


def divide(number: int) -> float:
    """Divide by nothing."""
    return number / 0


def no_walk(_: int) -> int:
    """Raise an error of two arguments."""
    from guyot.navigation.walk_lines import WalkError

    raise WalkError("maze_not_closed", "here")

"""One step of a synthetic lake in a process of its own, measured; a line of JSON on standard output.

    python -m benchmarks.scaling.step FOLDER SHAPE STEP SETTINGS

FOLDER holds the lake, SHAPE is documents,width,documents of a shard, SETTINGS are a JSON object. The step is
made anew: what the lake has of it is removed. With one worker the process keeps to one core.
"""

import dataclasses
import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path

from assets.graph import discover, plan
from assets.graph.build import build_collecting_refusals, tasks
from benchmarks.synthetic_lake import Shape, Synthetic


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a step took of the process that drives it.

    core_seconds : of its threads, and of Ray's workers
    peak_bytes : most that was resident, mapped files with it
    anonymous_bytes : most that was resident and is no file's, looked at between items
    start_core_seconds : to load the code, which each worker does once; not in those above
    parts : seconds of each partition, where they are few and built one after the other
    """

    seconds: float
    core_seconds: float
    peak_bytes: int
    anonymous_bytes: int
    read_bytes: int
    written_bytes: int
    start_core_seconds: float
    parts: dict[str, float]


def main() -> None:
    """Run a step, and print its cost."""
    folder, shape, step, settings = sys.argv[1:5]
    chosen = json.loads(settings)
    if chosen.get("threads") == 1 and chosen.get("engine", "threads") == "threads":
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    synthetic = Synthetic.of(Path(folder), Shape(*map(int, shape.split(","))), **chosen)
    synthetic.forget(step)
    print(json.dumps(dataclasses.asdict(measure(synthetic, step))))  # noqa: T201


def measure(synthetic: Synthetic, step: str) -> Cost:
    """Build all partitions of an asset as the graph does."""
    lake, asset = synthetic.lake, discover.asset(step)
    keys = plan.keys(asset, lake)
    wanted = tasks(asset, lake, asset.specs(lake, keys))
    daemons = daemons_of_ray() if lake.engine.has_own_cores else []
    begun = _core_seconds(daemons)
    list(lake.engine.map(load, range(2 * lake.engine.workers)))
    start = _core_seconds(daemons) - begun
    Path("/proc/self/clear_refs").write_text("5")  # the peak of memory counts from here
    before, core_before, begun = _io(), _core_seconds(daemons), time.monotonic()
    anonymous, parts, since = 0, dict[str, float](), begun
    for built in lake.engine.map(build_collecting_refusals, wanted, workers=asset.workers(lake)):
        if built.manifest is None:
            print(built.refusal, file=sys.stderr)  # noqa: T201
        now = time.monotonic()
        parts[built.key], since = now - since, now
        anonymous = max(anonymous, _memory("RssAnon"))
    seconds = time.monotonic() - begun
    spent, after = _core_seconds(daemons) - core_before, _io()
    return Cost(
        seconds, spent, _memory("VmHWM"), anonymous, after[0] - before[0], after[1] - before[1], start,
        parts if len(parts) <= 12 and asset.workers(lake) == 1 else {},
    )  # fmt: skip


def load(_: int) -> None:
    """Load what a worker needs, and leave others the time to do so too."""
    importlib.import_module("torch")  # which multiplies bytes
    discover.assets()
    time.sleep(1)


def daemons_of_ray() -> list[int]:
    """Return the daemons of the cluster on this machine, of whom its workers are children."""
    import psutil

    return [one.pid for one in psutil.process_iter(["name"]) if one.info["name"] in ("raylet", "gcs_server")]


def _core_seconds(daemons: list[int]) -> float:
    """Return user and system time of this process, and of the cluster and what it started, ended or not."""
    import psutil

    own = resource.getrusage(resource.RUSAGE_SELF)
    total = own.ru_utime + own.ru_stime
    for pid in daemons:
        one = psutil.Process(pid)
        for process in (one, *one.children(recursive=True)):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def _io() -> tuple[int, int]:
    """Return the bytes that this process read and wrote, cached or not."""
    fields = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(fields["rchar"]), int(fields["wchar"])


def _memory(name: str) -> int:
    """Read one of the kernel's figures of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main()

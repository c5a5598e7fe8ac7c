"""One process, watched: what it took of the processor, of memory and of time."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring.environments import ROOT

_LOOK_SECONDS = 0.1
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Limits:
    """When a process is ended: it holds more bytes, or takes longer. threads: 0, or what it may use."""

    memory_bytes: int
    seconds: float
    threads: int = 0


@dataclass(frozen=True)
class Measured:
    """What a process took. Core-seconds are user and system time of it and of those that it started.

    failure: empty, or why there is no result; others_cores: cores that other work used meanwhile
    """

    core_seconds: float
    wall_seconds: float
    peak_bytes: int
    load: float
    others_cores: float
    failure: str = ""


def run(command: list[str], log: Path, limits: Limits) -> Measured:
    """Run a command to its end, its output in a file, in a session of its own.

    Peak memory is the larger of the greatest resident set of any one process, as the kernel kept it, and
    of the sum over all of them, looked at ten times a second.
    """
    load, busy, begun = os.getloadavg()[0], _busy_seconds(), time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(limits.threads), stdout=output, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    peak, failure = 0, ""
    try:
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            peak = max(peak, tree_bytes(process.pid))
            if not failure and (failure := _excess(peak, time.monotonic() - begun, limits)):
                os.killpg(process.pid, signal.SIGKILL)
            time.sleep(_LOOK_SECONDS)
    except BaseException:  # Ctrl-C: what was started ends too
        os.killpg(process.pid, signal.SIGKILL)
        raise
    process.returncode = os.waitstatus_to_exitcode(status)  # so that Popen does not wait for it again
    wall = time.monotonic() - begun
    core_seconds = usage.ru_utime + usage.ru_stime
    others = max(0.0, _busy_seconds() - busy - core_seconds) / wall
    if process.returncode and not failure:
        failure = f"exit status {process.returncode}: {_last_line(log)}"
    return Measured(core_seconds, wall, max(peak, usage.ru_maxrss * 1024), load, others, failure)


def environment(threads: int) -> dict[str, str]:
    """Return the variables of a way: those of this process, without any that turn kernels or threads.

    Threads are what each library takes by itself, or, where a number is given, as many for all libraries
    that read a variable.
    """
    turning = ("OPENBLAS_", "OMP_", "MKL_", "GUYOT_", "RAYON_", "PYTHONPATH", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(turning)}
    kept |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true", "PYTHONDONTWRITEBYTECODE": ""}
    if threads:
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
        kept |= dict.fromkeys(names, str(threads))
    return kept


def tree_bytes(pid: int) -> int:
    """Sum the resident memory of a process and of all that it started; pages that they share count twice."""
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * _PAGE
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (OSError, IndexError):  # it has ended meanwhile
            continue
    return total


def _excess(peak: int, seconds: float, limits: Limits) -> str:
    """Say which limit a process has passed, if any."""
    if peak > limits.memory_bytes:
        return f"ended at {limits.memory_bytes / 1e9:.1f} GB of memory, the limit of this run"
    if seconds > limits.seconds:
        return f"ended after {limits.seconds:.0f} s, the limit of this run"
    return ""


def _busy_seconds() -> float:
    """Return the core-seconds that all processes of this machine have used since it started."""
    user, nice, system, _, _, irq, softirq = map(int, Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + irq + softirq) / _TICK


def _last_line(log: Path) -> str:
    """Return the last line of a log that says something."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it printed nothing"

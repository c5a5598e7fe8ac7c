"""Guyot's service as people run it: the UI, the daemon and the code server in processes of their own."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import dagster as dg
import psutil
from support.lake import GUYOT
from support.s3 import free_port

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "examples" / "service"
Found = TypeVar("Found")


def wait_for(look: Callable[[], Found], what: str, seconds: float = 600) -> Found:
    """Wait until something is found; return it. Looks take a quarter of the time at most, the rest is the work's."""
    begun = now = time.monotonic()
    while now - begun < seconds:
        found = look()
        if found:
            return found
        time.sleep(max(0.2, 3 * (time.monotonic() - now)))
        now = time.monotonic()
    raise AssertionError(f"{what} did not happen in {seconds} s")


class Service:
    """A running service: processes that stay, and what is run before them at each start."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self.env, self.log, self.port = env, log, free_port()
        self._processes: list[subprocess.Popen[bytes]] = []

    def commands(self) -> tuple[list[list[str]], list[list[str]]]:
        """Return what is run to its end first, and what then stays."""
        return [], [[GUYOT, "up", "--port", str(self.port)]]

    def start(self) -> None:
        """Start, and wait until the UI answers."""
        first, stays = self.commands()
        with self.log.open("ab") as log:
            how: dict[str, Any] = {"env": self.env, "stdout": log, "stderr": log}
            for command in first:
                subprocess.run(command, check=True, **how)
            self._processes = [subprocess.Popen(command, start_new_session=True, **how) for command in stays]
        wait_for(self._answers, f"the UI of {self.log}")

    def _answers(self) -> bool:
        """Say whether the UI answers; fail if a process has ended."""
        assert all(process.poll() is None for process in self._processes), self.log.read_text()[-3000:]
        with contextlib.suppress(OSError):
            return "data" in self.ask("{ version }")
        return False

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Ask the UI's server, as the UI does."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def kill(self) -> int:
        """Kill every process of it at once; return how many there were."""
        return self._kill(self.processes())

    def processes(self) -> list[psutil.Process]:
        """List its processes and all that they started."""
        tops = [psutil.Process(process.pid) for process in self._processes if process.poll() is None]
        return [process for top in tops for process in (top, *top.children(recursive=True))]

    def _kill(self, tree: list[psutil.Process]) -> int:
        """Kill processes, and wait for their end; return how many there were."""
        for process in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        for process in self._processes:
            process.wait()
        psutil.wait_procs(tree, timeout=10)
        return len(tree)

    def stop(self) -> None:
        """Stop as a person does, and kill what does not, or what is left by one that has ended."""
        tree = self.processes()
        for process in self._processes:
            process.send_signal(signal.SIGINT)
        for process in self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
        self._kill(tree)


class Units(Service):
    """The units of examples/service, as systemd would start them."""

    def commands(self) -> tuple[list[list[str]], list[list[str]]]:
        """Read the units; the checkout and the port are this test's."""
        first, stays = [], []
        for unit in sorted(UNITS.glob("*.service")):
            for name, value in re.findall(r"^(ExecStart(?:Pre)?)=(.*)$", unit.read_text(), re.MULTILINE):
                value = value.replace("/opt/guyot/.venv/bin", str(Path(GUYOT).parent)).replace(
                    "/opt/guyot", str(ROOT)
                )
                command = value.replace("-p 3000", f"-p {self.port}").split()
                (first if name == "ExecStartPre" else stays).append(command)
        return first, stays


@contextlib.contextmanager
def log_of(home: Path) -> Iterator[dg.DagsterInstance]:
    """Read the event log of a home, from beside its service."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


def guyot(env: dict[str, str], *arguments: str) -> str:
    """Run a verb to its end and return what it says."""
    done = subprocess.run([GUYOT, *arguments], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
